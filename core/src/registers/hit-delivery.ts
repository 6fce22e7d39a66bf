import type { ArchPort, Occupant } from '../arch/index.js';
import type { Cpu } from '../hardware/index.js';
import {
  type DieChain,
  type DieRecord,
  type ExecutionContext,
  NOTIFY_DONE,
  type Notifier,
  type Suspension,
  type Verdict,
} from '../kernel/index.js';
import { nameOf } from './breakpoint-fields.js';
import type { BreakpointRecord } from './breakpoint-record.js';
import type { HandlerErrors } from './handler-errors.js';
import { excluded, Hit } from './hit.js';

/** The first in the die chain, as Linux's breakpoint notifier is. */
export const BREAKPOINT_NOTIFIER_PRIORITY = 0x7fffffff;

/** Whom an exception is about, and who of them is next. */
interface Telling {
  readonly hits: readonly Occupant[];
  next: number;
}

/** Brings hits from the die chain to whoever keeps the breakpoints that were hit, one after the other. */
export class HitDelivery implements Notifier {
  readonly #port: ArchPort;
  readonly #errors: HandlerErrors;
  readonly #filtered: boolean;
  readonly #contextOf: (cpu: Cpu) => ExecutionContext;
  readonly #leave: () => void;

  /** `filtered`: the silicon drops hits in modes that a request excludes. `contextOf`: what a CPU executes for. */
  constructor(
    port: ArchPort,
    dieChain: DieChain,
    errors: HandlerErrors,
    filtered = false,
    contextOf: (cpu: Cpu) => ExecutionContext = () => 'task',
  ) {
    this.#port = port;
    this.#errors = errors;
    this.#filtered = filtered;
    this.#contextOf = contextOf;
    this.#leave = dieChain.register(this, BREAKPOINT_NOTIFIER_PRIORITY);
  }

  [Symbol.dispose](): void {
    this.#leave();
  }

  notify(record: DieRecord): Verdict {
    const report = this.#port.hits(record);
    if (report === undefined) return NOTIFY_DONE;
    const { hits, givenUp } = report;
    if (givenUp !== undefined) for (const occupant of givenUp) this.#giveUp(occupant as BreakpointRecord);
    // A single hit is the common case, and needs nothing to be remembered.
    for (let i = 0; i < hits.length; i++) {
      const suspension = this.#tell(hits[i] as BreakpointRecord, record, hits);
      if (suspension === undefined) continue;
      record.progress = { hits, next: i + 1 } satisfies Telling;
      return suspension;
    }
    return this.#port.delivered(record);
  }

  resume(record: DieRecord): Verdict {
    const telling = record.progress as Telling;
    const { hits } = telling;
    while (telling.next < hits.length) {
      const suspension = this.#tell(hits[telling.next++] as BreakpointRecord, record, hits);
      if (suspension !== undefined) return suspension;
    }
    return this.#port.delivered(record);
  }

  /** A breakpoint that another handler of the same exception has disabled or unregistered is not called any more. */
  #tell(breakpoint: BreakpointRecord, record: DieRecord, hits: readonly Occupant[]): Suspension | undefined {
    if (breakpoint.state !== 'active') return undefined;
    if (!this.#filtered && excluded(breakpoint.attr, record)) return undefined;
    const hit = new Hit(breakpoint.view, record, hits, this.#contextOf);
    try {
      breakpoint.keeper.hit(breakpoint, hit);
    } catch (error) {
      this.#errors.report(error, breakpoint.view, nameOf(breakpoint));
    }
    return hit.suspension;
  }

  #giveUp(breakpoint: BreakpointRecord): void {
    if (breakpoint.state !== 'released') breakpoint.keeper.givenUp(breakpoint);
  }
}
