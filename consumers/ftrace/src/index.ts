export type { AccessType } from './access-type.js';
export { FTRACE_ERRORS, type FtraceErrorCode } from './errors.js';
export { formatStatHeader, formatStatRow, type KsymStat } from './format-stat.js';
export { formatTraceHeader, formatTraceRecord } from './format-trace.js';
export type { KsymEntry } from './ksym-filter.js';
export type { RecordListener } from './ksym-trace.js';
export { KsymTracer } from './ksym-tracer.js';
export type { KsymRecord } from './record.js';
export type { TraceFile, TracingFiles } from './tracing-files.js';
