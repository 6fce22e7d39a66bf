export { compareScripts, type Difference } from './compare.js';
export { type ConformOptions, conform, conformScript, type Outcome, QUIRKS } from './conform.js';
export {
  type Format,
  formatScript,
  type Line,
  parseLine,
  type Script,
  type Step,
  showValue,
  TranscriptError,
  type Value,
} from './format/transcript.js';
export { type FileRecord, fileRecord, type ScriptRecord, scriptRecord, Tally } from './report.js';
export { type MachineFacts, machineSchema, type ResolvedMachine, resolveMachine } from './x86/machine-facts.js';
