export {
  type DecodedRecord,
  decodeHeader,
  decodeRecord,
  RECORD_HEADER_SIZE,
  type RecordHeader,
} from './decode-record.js';
export { encodeRecord, writeRecord } from './encode-record.js';
export type * from './perf-record.js';
export { type ReadTimes, type ReadValue, type ReadValues, readReadValues, writeReadValues } from './read-values.js';
export type { RecordFormat } from './record-format.js';
export * from './record-types.js';
export { PERF_MEM_NA, type SampleRecord } from './sample.js';
export type { SampleId } from './sample-id.js';
export type { BranchEntry, BranchStack, SampleRegisters, SampleStack } from './sample-state.js';
