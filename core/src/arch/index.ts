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
export type { ArchBackend, ArchHost, ArchPort, CompletionForm, HitReport } from './backend.js';
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
} from './manifest.js';
export { nullBackend } from './null-backend.js';
export { patchText } from './patch-text.js';
export { PortBase } from './port-base.js';
