export { type Quirk, QuirkSet } from './quirk.js';
