import type { Cpu } from '../../hardware/index.js';

/** What a timer calls: on which CPU its time has come. It may set others, and cancel itself. */
export type TimerAction = (cpu: Cpu) => void;

/** How a timer is made. */
export interface TimerOptions {
  /** Whose it is, for people: errors name it. */
  readonly name?: string;
  /** On whose clock it is. Default: the CPU that executes as it is made, or the lowest that is online. */
  readonly cpu?: number;
}

/** Something that is to happen at a time, once or again and again. */
export interface Timer {
  readonly name: string;
  /** When it is due, in nanoseconds of its CPU's clock; Infinity if it is over. */
  readonly due: number;
  /** Nanoseconds between two times; `undefined`: it happens once. */
  readonly period: number | undefined;
  /** Times that a periodic one has missed: its CPU was busy beyond the next, or had its interrupts off. */
  readonly overruns: number;
  /** It does not happen any more. */
  cancel(): void;
}
