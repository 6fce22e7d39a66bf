export type { BreakpointFunctions } from './breakpoint-functions.js';
export { BreakpointImages } from './breakpoint-images.js';
export { Breakpoints } from './breakpoints.js';
export type { BreakpointsParts } from './breakpoints-parts.js';
export { DebuggerReservation, type ReservationParts } from './debugger-reservation.js';
export { DebuggerSlots, type RegisterClaim } from './debugger-slots.js';
export type { Modification, RegisterOptions } from './register-options.js';
export { WideBreakpoint } from './wide-breakpoint.js';
