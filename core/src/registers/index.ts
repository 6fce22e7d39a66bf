export { Breakpoint } from './breakpoint.js';
export { type BreakpointFields, type BreakpointState, nameOf } from './breakpoint-fields.js';
export { checkRequest } from './check-arguments.js';
export { formatHolder, type SlotClaim, type SlotHolder } from './claim.js';
export { type Dense, DenseSet } from './dense-set.js';
export { FlexibleSlotPolicy } from './flexible-policy.js';
export { type HandlerErrorPolicy, HandlerErrors } from './handler-errors.js';
export { Hit, type HitHandler } from './hit.js';
export { BREAKPOINT_NOTIFIER_PRIORITY, HitDelivery } from './hit-delivery.js';
export type { CountingMethod } from './level-counts.js';
export { LinuxSlotPolicy } from './linux-policy.js';
export { restorePolicy, savePolicy } from './policy-image.js';
export { PriorityPolicy } from './priority-policy.js';
export type { Priorities, PriorityRules, SlotUsers } from './priority-rules.js';
export { RegisterFile } from './register-file.js';
export type { RegisterHooks, UninstallReason } from './register-hooks.js';
export { Registers, type RegistersParts } from './registers.js';
export { type Keeper, type Registration, registrationOf } from './registration.js';
export type { BreakpointChange, BreakpointRequest, ModifyOptions, PlacementNotices } from './request.js';
export { SlotAccounting } from './slot-accounting.js';
export {
  type Admission,
  firstFree,
  GRANTED,
  type Granted,
  type PlacementChanges,
  type Refused,
  type SlotHost,
  type SlotPolicy,
  UNCHANGED,
  WAITING,
} from './slot-policy.js';
