export * from './facet.js';
