export { OutputFile, type OutputFileOptions } from './output-file.js';
export { OutputFileError } from './output-file-error.js';
