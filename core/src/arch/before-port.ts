import type { Cpu } from '../hardware/index.js';
import type { DieRecord, FinalVerdict } from '../kernel/index.js';
import { AfterPort } from './after-port.js';
import type { HitReport } from './backend.js';
import type { CpuDriver, Occupant } from './cpu-driver.js';
import { asked, type Matched, matchAccesses, matchExecution } from './match-decoded.js';
import { type RangeBreakpoint, watchesExecution } from './range-breakpoint.js';

/** What an exception before an access still has to do once those that are told before it have been. */
export interface Telling {
  readonly first: readonly Matched[];
  /** Those that are told after the access. */
  readonly later: readonly Occupant[];
}

/**
 * Entry code for silicon that reports data hits before the access, whether or not it says which register matched: the
 * instruction is decoded and compared with each.
 *
 * Debuggers (`delivery: 'silicon'`) are told at once. For everybody else the instruction first completes with the
 * registers disarmed, then a `step` exception brings the hits: on whichever CPU the task is then, unless a signal
 * handler is entered first.
 */
export abstract class BeforePort<Driver extends CpuDriver<RangeBreakpoint>> extends AfterPort<Driver> {
  override hits(record: DieRecord): HitReport | undefined {
    if (record.event !== 'debug') return super.hits(record);
    if (!this.concerns(record)) return undefined;
    const matched = this.match(record);
    if (matched.length === 0) return this.unmatched(record);
    this.consume(record, matched);
    if (record.exception?.timing === 'after') return { hits: asked(matched) };
    if (!matched.some(({ occupant }) => watchesExecution(occupant.info))) return this.tell(record, matched);
    this.passBy(record.cpu);
    return { hits: asked(matched) };
  }

  override delivered(record: DieRecord): FinalVerdict {
    if (record.event === 'debug' && record.data !== undefined) this.complete(record, record.data as Telling);
    return super.delivered(record);
  }

  /** Whether an exception may be about breakpoints: a status need not say it. */
  protected concerns({ exception }: DieRecord): boolean {
    return exception !== undefined;
  }

  /** Nothing that is installed matches. */
  protected unmatched(_record: DieRecord): HitReport | undefined {
    return undefined;
  }

  /** Clears the status bits of those that matched, and no others. */
  protected consume(record: DieRecord, matched: readonly Matched[]): void {
    for (const { register } of matched) record.status &= ~(1 << register);
  }

  /**
   * Whom the interrupted instruction concerns, as far as the silicon reports it at this time: what comes before the
   * instruction is its execution first, and its accesses when it has passed by that.
   */
  protected match({ cpu, exception }: DieRecord): readonly Matched[] {
    const when = exception?.timing ?? 'after';
    const wanted = this.wanted(cpu);
    const passed = when !== this.host.manifest.timing.execute || (when === 'before' && cpu.context.resume);
    const executed = passed ? [] : matchExecution(wanted, cpu, this.host.manifest);
    if (when === 'before' && executed.length > 0) return executed;
    return [...executed, ...matchAccesses(wanted, cpu, this.host.manifest, when)];
  }

  /** Data hits that were reported before the access: at once to those who want it so, to the others after it. */
  protected tell(record: DieRecord, matched: readonly Matched[]): HitReport {
    const first = matched.filter(({ occupant }) => occupant.delivery === 'silicon');
    const now = asked(matched).filter(({ delivery }) => delivery === 'after');
    const later = [...now, ...this.#behind(record.cpu, matched)];
    if (first.length > 0) record.data = { first, later } satisfies Telling;
    else this.completeDisarmed(record.cpu, later);
    return { hits: first.map(({ occupant }) => occupant) };
  }

  /** What the silicon would report behind the instruction, if that did not complete with the registers disarmed. */
  #behind(cpu: Cpu, matched: readonly Matched[]): readonly Occupant[] {
    const { manifest } = this.host;
    const { data, stores = data, execute } = manifest.timing;
    if (data === 'before' && stores === 'before' && execute === 'before') return [];
    const wanted = this.wanted(cpu);
    const executed = execute === 'after' ? matchExecution(wanted, cpu, manifest) : [];
    const behind = [...executed, ...matchAccesses(wanted, cpu, manifest, 'after')];
    return asked(behind.filter(({ register }) => !matched.some((other) => other.register === register)));
  }

  /** The access is made with the registers out of the way, unless those that were told are gone, or want it again. */
  protected complete({ cpu, restart }: DieRecord, { first, later }: Telling): void {
    if (restart === true) return;
    const { occupants } = this.driver(cpu);
    const armed = first.some(({ register, occupant }) => occupants[register] === occupant);
    if (armed || later.length > 0) this.completeDisarmed(cpu, later);
  }
}
