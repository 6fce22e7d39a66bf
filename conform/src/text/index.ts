export { harmless, visible } from './visible.js';
