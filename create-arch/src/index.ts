export { createArch } from './create-arch.js';
