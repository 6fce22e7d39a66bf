export * from './attr/index.js';
export { ByteReader, type Malformed } from './bytes/byte-reader.js';
export { ByteWriter } from './bytes/byte-writer.js';
export * from './data/index.js';
export * from './errors.js';
export * from './grammar/index.js';
export * from './records/index.js';
export * from './ring/sample-ring.js';
