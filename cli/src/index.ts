export { defineKernel, type KernelConfig } from './config/define-kernel.js';
export { compareScripts, type Difference } from './conform/compare.js';
export { TranscriptWriter } from './conform/conformance.js';
export { type MachineFacts, machineSchema, type ResolvedMachine, resolveMachine } from './conform/machine-facts.js';
export { readTranscript } from './conform/read-transcript.js';
export {
  type Line,
  parseLine,
  type Script,
  type Step,
  showValue,
  TranscriptError,
  type Value,
} from './conform/transcript.js';
export { ElfError } from './elf/elf-error.js';
export { ProgramSymbols } from './elf/program-symbols.js';
export { type ElfFile, readElf } from './elf/read-elf.js';
export { CliError, EXIT_OK, EXIT_RUN, EXIT_USAGE, runError, usageError } from './errors.js';
export { ARCHITECTURES, findArchitecture, type KnownArchitecture } from './replay/architectures.js';
export type { ReplayHit } from './replay/hit.js';
export { type ResolveContext, resolveWatch } from './replay/resolve-watch.js';
export { ReplaySession, type SessionOptions } from './replay/session.js';
export { type Site, SiteSummary } from './replay/site-summary.js';
export type { Watch } from './replay/watch.js';
export { parseWatchSpec, type WatchSpec, type WatchType } from './replay/watch-spec.js';
