export * from './quirk.js';
