export { readTranscript } from './read-transcript.js';
export { TranscriptWriter } from './transcript-writer.js';
