export type { FileBuildId } from './build-ids.js';
export type { PerfDataCompression } from './compressed-records.js';
export type { PerfDataEvent } from './data-event.js';
export type { GroupDescription, PerfDataFeatures, PmuMapping } from './features.js';
export { MemorySink } from './memory-sink.js';
export * from './perf-data-writer.js';
export * from './read-perf-data.js';
export type { PerfDataRecord } from './read-records.js';
