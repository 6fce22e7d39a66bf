export * from './check-attr.js';
export * from './decode-attr.js';
export * from './encode-attr.js';
export { ATTR_FLAGS, type AttrFlags } from './flags.js';
export * from './formats.js';
export {
  PERF_ATTR_SIZE_VER0,
  PERF_ATTR_SIZE_VER1,
  PERF_ATTR_SIZE_VER2,
  PERF_ATTR_SIZE_VER3,
  PERF_ATTR_SIZE_VER4,
  PERF_ATTR_SIZE_VER5,
  PERF_ATTR_SIZE_VER6,
  PERF_ATTR_SIZE_VER7,
  PERF_ATTR_SIZE_VER8,
  PERF_ATTR_SIZES,
} from './layout.js';
export type * from './perf-event-attr.js';
export * from './types.js';
