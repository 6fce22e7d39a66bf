import { FLAG, FUNCTION, type Kind, kind, shown, TEXT } from '../errors/index.js';
import type { Cpu } from '../hardware/index.js';
import { InstructionError } from './instruction-error.js';

/** One wait of one task, from when it begins until the program goes on. */
export interface Sleep {
  /** What for, for people: `mutex counter_lock`. */
  readonly what: string;
  /** Asked when the task runs again: false lets it wait on. */
  readonly over: boolean;
  /** The program goes on: what it learns, behind what its instruction has loaded. 0: what it waited for has come. */
  end(): bigint;
}

/**
 * What an instruction waits for, once it has retired. It may be used again, by several tasks: what is one wait's own is
 * in the {@link Sleep}. Wait queues and timers of the kernel make them.
 */
export interface Waiting {
  /**
   * The instruction has retired on this CPU. `undefined`: there is nothing to wait for. Throws EDEADLK where nobody may
   * wait, as in an interrupt handler.
   */
  begin(cpu: Cpu): Sleep | undefined;
}

/** For whoever is given one. */
export const WAITING: Kind = kind(
  'what can be waited for: { begin(cpu) }',
  (value) => typeof (value as Partial<Waiting> | null | undefined)?.begin === 'function',
);

const SLEEP: Readonly<Record<keyof Sleep, Kind>> = { what: TEXT, over: FLAG, end: FUNCTION };

/** Begins a wait. Throws an {@link InstructionError} that names the field for what is no {@link Sleep}. */
export function beginWait(cpu: Cpu, waiting: Waiting): Sleep | undefined {
  const sleep = waiting.begin(cpu);
  if (sleep === undefined) return undefined;
  if (typeof sleep !== 'object' || sleep === null) {
    const expected = 'what begin(cpu) of a wait returns is a sleep, { what, over, end() }, or undefined';
    throw new InstructionError(`${expected}, got ${shown(sleep)}`);
  }
  for (const [name, { is, what }] of Object.entries(SLEEP)) {
    const value = sleep[name as keyof Sleep];
    if (!is(value)) throw new InstructionError(`${name} of a sleep is ${what}, got ${shown(value)}`);
  }
  return sleep;
}

/** The wait that a program is in, if it is in one. */
export class WaitState {
  #sleep: Sleep | undefined;

  /** True: it sleeps, and has nothing to execute. */
  get asleep(): boolean {
    return this.#sleep !== undefined && !this.#sleep.over;
  }

  /** What it waits for, for people; `undefined`: nothing. */
  get what(): string | undefined {
    return this.#sleep?.what;
  }

  /** The instruction has retired. What the program learns at once; `undefined`: it sleeps. */
  begin(cpu: Cpu, waiting: Waiting): bigint | undefined {
    this.#sleep = beginWait(cpu, waiting);
    return this.#sleep === undefined ? 0n : undefined;
  }

  /** The program runs again: what it learns of the wait that is over; `undefined`: there was none. Not while asleep. */
  end(): bigint | undefined {
    const sleep = this.#sleep;
    this.#sleep = undefined;
    return sleep?.end();
  }
}
