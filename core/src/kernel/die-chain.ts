import type { Cpu } from '../hardware/cpu.js';
import type { DebugException } from '../hardware/debug-unit.js';
import type { Task } from './task.js';

/** The notifier has nothing to say: the next one is asked. */
export const NOTIFY_DONE = 'done';
/** The exception is dealt with: nobody else is asked. */
export const NOTIFY_STOP = 'stop';

/**
 * The notifier wants the machine to stop here, inside the exception: `machine.run` returns, and its next call begins by
 * calling `resume`, whose verdict counts as the notifier's.
 */
export interface Suspension {
  /** Why, for whoever called `machine.run`. */
  readonly reason: string;
  /** The object that suspended, such as a debugger, for whoever called `machine.run`. */
  readonly detail?: unknown;
  resume(): Verdict;
}

/** What a notifier answers. */
export type Verdict = typeof NOTIFY_DONE | typeof NOTIFY_STOP | Suspension;

/** An exception on its way through the chain. */
export interface DieRecord {
  /**
   * `debug`: from the debug unit. `breakpoint`: a software breakpoint instruction. `step`: a single step, where that is an exception
   * of its own, and the end of an instruction that a backend had completed (`cpu.completeDisarmed`).
   */
  readonly event: 'debug' | 'breakpoint' | 'step';
  readonly cpu: Cpu;
  /** The task that was interrupted. */
  readonly task: Task;
  /** The unit's exception, for `debug`. */
  readonly exception: DebugException | undefined;
  /** The architecture's status bits in positive polarity; notifiers clear what they consume (x86: DR6). */
  status: number;
}

/** Someone who wants to see exceptions before their default action happens. */
export type Notifier = (record: DieRecord) => Verdict;

interface Entry {
  readonly notifier: Notifier;
  readonly priority: number;
}

/** Linux's die notifier chain: higher priority first, registration order among equals. */
export class DieChain {
  #entries: readonly Entry[] = [];

  /** Adds a notifier; returns the function that takes it away, which may be called from inside a notifier. */
  register(notifier: Notifier, priority = 0): () => void {
    const entry: Entry = { notifier, priority };
    const at = this.#entries.findIndex((other) => other.priority < priority);
    this.#entries = at < 0 ? [...this.#entries, entry] : this.#entries.toSpliced(at, 0, entry);
    return () => {
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
  }

  /** Number of notifiers. */
  get size(): number {
    return this.#entries.length;
  }

  /**
   * Asks the notifiers in turn, then calls `finish` with `stop` if one of them dealt with the exception. If one suspends,
   * the rest of this happens when the machine runs again.
   */
  notify(record: DieRecord, finish: (verdict: typeof NOTIFY_DONE | typeof NOTIFY_STOP) => void): void {
    this.#ask(record, this.#entries, 0, finish);
  }

  #ask(
    record: DieRecord,
    entries: readonly Entry[],
    from: number,
    finish: (verdict: typeof NOTIFY_DONE | typeof NOTIFY_STOP) => void,
  ): void {
    for (let i = from; i < entries.length; i++) {
      const verdict = (entries[i] as Entry).notifier(record);
      if (verdict === NOTIFY_DONE) continue;
      if (verdict !== NOTIFY_STOP) {
        this.#suspend(record, entries, i, verdict, finish);
        return;
      }
      finish(NOTIFY_STOP);
      return;
    }
    finish(NOTIFY_DONE);
  }

  #suspend(
    record: DieRecord,
    entries: readonly Entry[],
    at: number,
    suspension: Suspension,
    finish: (verdict: typeof NOTIFY_DONE | typeof NOTIFY_STOP) => void,
  ): void {
    record.cpu.suspend(suspension, () => {
      const verdict = suspension.resume();
      if (verdict === NOTIFY_STOP) finish(NOTIFY_STOP);
      else if (verdict === NOTIFY_DONE) this.#ask(record, entries, at + 1, finish);
      else this.#suspend(record, entries, at, verdict, finish);
    });
  }
}
