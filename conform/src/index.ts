export { compareScripts, type Difference } from './compare.js';
export { conform, conformScript, type Outcome, QUIRKS, type ScriptOutcome } from './conform.js';
export { CONFORM_ERRORS, type ConformErrorCode, type LinePlace, TranscriptError } from './errors.js';
export { formatScript, type Line, parseLine } from './format/line.js';
export { type Script, type Step, showValue, type Value } from './format/script.js';
export type { ConformOptions } from './player/stage.js';
export { type FileRecord, fileRecord, type ScriptRecord, scriptRecord, Tally } from './report.js';
export { type MachineFacts, machineSchema, type ResolvedMachine, resolveMachine } from './x86/machine-facts.js';
