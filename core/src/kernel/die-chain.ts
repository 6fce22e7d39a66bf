import { shown } from '../errors/index.js';
import type { Cpu, DebugException } from '../hardware/index.js';
import type { Task } from './task.js';

/** The notifier has nothing to say: the next one is asked. */
export const NOTIFY_DONE = 'done';
/** The exception is dealt with: nobody else is asked. */
export const NOTIFY_STOP = 'stop';

/** What the chain says of an exception in the end. */
export type FinalVerdict = typeof NOTIFY_DONE | typeof NOTIFY_STOP;

/**
 * The notifier wants the machine to stop here, inside the exception: `machine.run` returns, and its next call goes on
 * from here.
 */
export interface Suspension {
  /** Why, for whoever called `machine.run`. */
  readonly reason: string;
  /** The object that suspended, such as a debugger, for whoever called `machine.run`. */
  readonly detail?: unknown;
}

/** What a notifier answers. */
export type Verdict = FinalVerdict | Suspension;

/** An exception on its way through the chain: all that is known of it, and all that it still has to do. */
export interface DieRecord {
  /**
   * `debug`: from the debug unit. `breakpoint`: a software breakpoint instruction. `step`: a single step, where that is
   * an exception of its own, and the end of an instruction that a backend had completed (`cpu.completeDisarmed`).
   */
  readonly event: 'debug' | 'breakpoint' | 'step';
  readonly cpu: Cpu;
  /** The task that was interrupted; `undefined`: none, the CPU was idle or ran code of its own. */
  readonly task: Task | undefined;
  /** The unit's exception, for `debug`. */
  readonly exception: DebugException | undefined;
  /** The architecture's status bits in positive polarity; notifiers clear what they consume (x86: DR6). @settable */
  status: number;
  /** The architecture's own: what it still has to do for this exception. @settable */
  data?: unknown;
  /**
   * Set by whoever was told of a hit before the access: the instruction executes again with everything armed, and hits
   * again. Otherwise it completes once with what was told out of the way. @settable
   */
  restart?: boolean;
  /** Of the notifier that has suspended: what it still has to do. @settable */
  progress?: unknown;
}

/** Someone who wants to see exceptions before their default action happens. */
export interface Notifier {
  notify(record: DieRecord): Verdict;
  /** The machine goes on after a suspension by this notifier. Without it the exception counts as dealt with. */
  resume?(record: DieRecord): Verdict;
}

/** Whoever sent an exception through the chain: told when that is over, which may be a later `machine.run`. */
export interface Finisher {
  finish(record: DieRecord, verdict: FinalVerdict): void;
}

interface Entry {
  readonly notifier: Notifier;
  readonly priority: number;
}

/** Nobody wants to know what becomes of it. */
const UNFINISHED: Finisher = Object.freeze({ finish() {} });

/** An exception that is stopped in the chain, as data. */
export interface ExceptionInProgress {
  readonly record: DieRecord;
  readonly finisher: Finisher;
  /** Who is asked, as it was when the exception came, and which of them suspended. */
  readonly entries: readonly Entry[];
  readonly at: number;
}

/** Who keeps exceptions that are stopped; declared here, implemented by the run loop. */
export interface SuspensionKeeper {
  suspend(exception: ExceptionInProgress, suspension: Suspension): void;
}

/** Linux's die notifier chain: higher priority first, registration order among equals. */
export class DieChain {
  readonly #keeper: SuspensionKeeper;
  #entries: readonly Entry[] = [];

  constructor(keeper: SuspensionKeeper) {
    this.#keeper = keeper;
  }

  /**
   * Adds a notifier, or a function that is one; returns the function that takes it away, also from inside a notifier.
   */
  register(notifier: Notifier | Notifier['notify'], priority = 0): () => void {
    if (typeof notifier !== 'function' && typeof (notifier as Partial<Notifier> | null)?.notify !== 'function') {
      throw new TypeError(`notifier is a function, or an object with notify(record), got ${shown(notifier)}`);
    }
    if (!Number.isFinite(priority)) throw new TypeError(`priority is a number, got ${shown(priority)}`);
    const entry: Entry = { notifier: typeof notifier === 'function' ? { notify: notifier } : notifier, priority };
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
   * Asks the notifiers in turn, then tells `finisher` whether one of them dealt with the exception. If one suspends,
   * the rest of this happens when the machine runs again. One that throws ends the exception, and the run: nobody else
   * is asked.
   */
  notify(record: DieRecord, finisher: Finisher = UNFINISHED): void {
    this.#ask(record, finisher, this.#entries, 0);
  }

  /** Goes on with an exception that was stopped. */
  resume({ record, finisher, entries, at }: ExceptionInProgress): void {
    const { notifier } = entries[at] as Entry;
    let verdict: Verdict;
    try {
      verdict = notifier.resume === undefined ? NOTIFY_STOP : notifier.resume(record);
    } catch (error) {
      finisher.finish(record, NOTIFY_STOP);
      throw error;
    }
    if (!this.#decided(verdict, record, finisher, entries, at)) this.#ask(record, finisher, entries, at + 1);
  }

  #ask(record: DieRecord, finisher: Finisher, entries: readonly Entry[], from: number): void {
    for (let i = from; i < entries.length; i++) {
      let verdict: Verdict;
      try {
        verdict = (entries[i] as Entry).notifier.notify(record);
      } catch (error) {
        finisher.finish(record, NOTIFY_STOP);
        throw error;
      }
      if (this.#decided(verdict, record, finisher, entries, i)) return;
    }
    finisher.finish(record, NOTIFY_DONE);
  }

  /** False: the next one is asked. */
  #decided(verdict: Verdict, record: DieRecord, finisher: Finisher, entries: readonly Entry[], at: number): boolean {
    if (verdict === NOTIFY_DONE) return false;
    if (verdict === NOTIFY_STOP) finisher.finish(record, NOTIFY_STOP);
    else this.#keeper.suspend({ record, finisher, entries, at }, verdict);
    return true;
  }
}
