export { OutputFile, OutputFileError, type OutputFileOptions } from './output.js';
export { readTranscript } from './read-transcript.js';
export { TranscriptWriter } from './transcript-writer.js';
