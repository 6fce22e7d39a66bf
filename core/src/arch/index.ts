export { AfterPort } from './after-port.js';
export {
  type Delivery,
  HW_BREAKPOINT_EMPTY,
  HW_BREAKPOINT_INVALID,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_RW,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
  type HwBreakpointAttr,
  typeLetters,
} from './attr.js';
export type { ArchBackend, ArchHost, ArchPort, CompletionForm, HitReport, ParseTarget } from './backend.js';
export { BeforePort, type Telling } from './before-port.js';
export type { ArchBreakpoint, CpuDriver, Occupant, UnitHolder, Unmute } from './cpu-driver.js';
export { DriverBase } from './driver-base.js';
export {
  type AccessKind,
  type ArchManifest,
  defineManifest,
  type ManifestFields,
  registersOf,
  type SlotClass,
  slotsOf,
  type Timing,
} from './manifest.js';
export { asked, type Matched, matchAccesses, matchExecution, type Occupants } from './match-decoded.js';
export { nullBackend } from './null-backend.js';
export { conditionsOf, invalidRequest, lastByteOf, parseRange } from './parse-range.js';
export { patchText } from './patch-text.js';
export { PortBase } from './port-base.js';
export { accessTouches, type RangeBreakpoint, watchesExecution } from './range-breakpoint.js';
export { RegisterDriver, type RegisterWriter } from './register-driver.js';
