import type { Loaded } from '../../hardware/index.js';
import type { Instruction, Waiting } from '../../programs/index.js';
import type { CallResult, CallSteps } from './system-call.js';

/** True for something to wait for. */
export function isWaiting(value: unknown): value is Waiting {
  return typeof (value as Partial<Waiting> | null | undefined)?.begin === 'function';
}

/** How a call's steps have come to their end. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** The instructions of a call up to its next wait, or its end: what a program can execute. */
export class CallInstructions implements Iterator<Instruction, void, Loaded> {
  readonly #steps: CallSteps;
  /** What it learns of the wait that is over. */
  #woken: Loaded | undefined;
  /** What it waits for next. */
  waiting: Waiting | undefined;
  /** What became of it. */
  outcome: Outcome | undefined;

  constructor(steps: CallSteps) {
    this.#steps = steps;
  }

  /** The wait is over: 0, or 1 if a signal has ended it. */
  goOn(woken: bigint): void {
    this.waiting = undefined;
    this.#woken = [woken];
  }

  next(loaded: Loaded): IteratorResult<Instruction, void> {
    const given = this.#woken ?? loaded;
    this.#woken = undefined;
    try {
      const step = this.#steps.next(given);
      if (step.done === true) this.outcome = { value: step.value };
      else if (isWaiting(step.value)) this.waiting = step.value;
      else return { done: false, value: step.value };
    } catch (error) {
      this.outcome = { error };
    }
    return { done: true, value: undefined };
  }
}

/** True for what a generator function returns. */
export function isSteps(result: CallResult): result is CallSteps {
  return typeof (result as Partial<CallSteps> | null | undefined)?.next === 'function';
}
