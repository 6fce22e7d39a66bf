export { OutputFile, type OutputFileOptions } from './output-file.js';
export { OutputFileError } from './output-file-error.js';
export { readTranscript } from './read-transcript.js';
export { TranscriptWriter } from './transcript-writer.js';
