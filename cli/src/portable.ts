/*
 * What of `hwbp replay` runs in a browser, too: no Node built-in is behind it but zlib, for compressed debug
 * information, and path. Bytes of traces are looked at as Node's Buffer.
 */
export type { KnownArchitecture } from './architecture/architecture.js';
export { ARCHITECTURES } from './architecture/known-architectures.js';
export { parseTraceOptions, type TraceOptions } from './commands/option-types.js';
export { type DemanglerParts, demanglersFrom } from './elf/demangler.js';
export { ElfError } from './elf/elf-error.js';
export { checkSize } from './elf/elf-size.js';
export { EM_AARCH64, EM_PPC64, EM_RISCV, EM_X86_64 } from './elf/machines.js';
export type { Demangle } from './elf/mangled.js';
export type { ElfFile } from './elf/read-elf.js';
export { readElf } from './elf/read-elf.js';
export { CliError, runError, usageError } from './errors.js';
export { callerIn } from './replay/caller-in.js';
export { countsText } from './replay/counts-text.js';
export { type FileKind, fileKind, HEAD, wrongTrace } from './replay/file-kind.js';
export { gzipError } from './replay/gzip-error.js';
export { HeadTail } from './replay/head-tail.js';
export type { ReplayHit } from './replay/hit.js';
export { hitData, summaryData } from './replay/json-data.js';
export { jsonLine } from './replay/json-report.js';
export { type LookAhead, placeInTrace } from './replay/place-in-trace.js';
export type { ProgramFile } from './replay/place-program.js';
export { type Audience, INTERRUPTED, playTraces, RECORD_A_TRACE } from './replay/play-traces.js';
export { programFile } from './replay/program-file.js';
export { rareSites } from './replay/rare-sites.js';
export { type RegisterRow, registerRows } from './replay/register-rows.js';
export type { ReportSubject } from './replay/report.js';
export { reportHeading } from './replay/report-heading.js';
export { resolveWatch } from './replay/resolve-watch.js';
export { ReplaySession } from './replay/session.js';
export { SiteNames } from './replay/site-names.js';
export { type Doubt, TraceEvidence } from './replay/trace-evidence.js';
export { traceLine } from './replay/trace-line.js';
export { BLOCK_BYTES, type TraceOrigin } from './replay/trace-origin.js';
export { unnamedSites } from './replay/unnamed-sites.js';
export { type WatchSites, watchSites } from './replay/watch-sites.js';
export { parseWatchSpec } from './replay/watch-spec.js';
