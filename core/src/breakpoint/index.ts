export { Breakpoints, type BreakpointsParts } from './breakpoints.js';
export { DebuggerReservation, type ReservationParts } from './debugger-reservation.js';
export { DebuggerSlots, type RegisterClaim } from './debugger-slots.js';
export type { Modification, RegisterOptions } from './register-options.js';
export { WideBreakpoint } from './wide-breakpoint.js';
