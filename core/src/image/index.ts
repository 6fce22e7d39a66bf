export { crc32 } from './check.js';
export { notWritable } from './not-writable.js';
export { ImageReader } from './reader.js';
export { bits, digits, type ImageValue } from './value.js';
