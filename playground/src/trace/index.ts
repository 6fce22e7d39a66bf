export { GunzipError, gunzip } from './gunzip.js';
export { traceBuffer } from './trace-buffer.js';
export { watchTexts } from './watch-texts.js';
