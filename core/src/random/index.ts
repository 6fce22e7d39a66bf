export { Random } from './random.js';
export { RandomSource } from './random-source.js';
