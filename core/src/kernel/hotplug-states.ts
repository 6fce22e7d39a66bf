import type { Cpu } from '../hardware/index.js';

/**
 * The states that a CPU goes through on its way up, in this order; on its way down in reverse (Linux: enum
 * cpuhp_state). Those of one state are called in the order in which they registered, and in reverse on the way down.
 *
 * `prepare`: before it has power, and after it has lost it. `...:starting`: it has power, and no task and no interrupt
 * reaches it. `online`: it executes what is there to execute. A startup of `prepare` and `online`, and a teardown of
 * `online`, may throw: what was done is undone, and the CPU stays as it was. All others must not fail; what they throw
 * is logged, and the CPU goes on its way.
 */
export const HOTPLUG_STATES = Object.freeze([
  'prepare',
  /** The software copy of the debug registers is written. */
  'registers:starting',
  /** Breakpoints are scheduled there; what is lost with the CPU is said to be lost. */
  'scheduler:starting',
  /** Reservations of debuggers. */
  'debuggers:starting',
  /** Wide breakpoints follow. */
  'wide:starting',
  'starting',
  'online',
] as const);

/** Name of a state. */
export type HotplugState = (typeof HOTPLUG_STATES)[number];

/**
 * Why a CPU comes or goes. `suspend`: all of them go, and come back as they were. `undo`: a later step of the way that
 * it was on has failed, and everything is to be as it was before that way began.
 */
export type HotplugReason = 'hotplug' | 'suspend' | 'undo';

/** What somebody does as a CPU comes and goes. One without the other is nothing to do. */
export interface HotplugCallbacks {
  /** The CPU comes up. Whoever throws has undone what it did itself. */
  startup?(cpu: Cpu, why: HotplugReason): void;
  /** It goes down. */
  teardown?(cpu: Cpu, why: HotplugReason): void;
}

/** One registration. */
export interface HotplugEntry {
  readonly state: HotplugState;
  /** Who registered, for messages. */
  readonly name: string;
}

/** True for a state whose callbacks may refuse. */
export function mayFail(state: HotplugState, way: keyof HotplugCallbacks): boolean {
  return state === 'online' || (state === 'prepare' && way === 'startup');
}
