/*
 * What can be injected into a consumer: `constructor(@inject(BREAKPOINTS) private readonly breakpoints: Breakpoints)`.
 * Facets bring tokens of their own (`facet.token`).
 */

/** `Machine` */
export const MACHINE: unique symbol = Symbol('Machine');
/** `Breakpoints`: the core breakpoint API. */
export const BREAKPOINTS: unique symbol = Symbol('Breakpoints');
/** `SymbolTable` */
export const SYMBOLS: unique symbol = Symbol('SymbolTable');
/** `Logger` */
export const LOGGER: unique symbol = Symbol('Logger');
/** `ArchManifest` */
export const MANIFEST: unique symbol = Symbol('ArchManifest');
/** `QuirkSet` */
export const QUIRKS: unique symbol = Symbol('QuirkSet');
/** `SlotAccounting`: the slot policy behind its lock. */
export const ACCOUNTING: unique symbol = Symbol('SlotAccounting');
/** `BreakpointScheduler` */
export const SCHEDULER: unique symbol = Symbol('BreakpointScheduler');
/** `BreakpointPmu` */
export const PMU: unique symbol = Symbol('BreakpointPmu');
