import { type Completed, type Cpu, type DebugException, hex } from '../hardware/index.js';
import { type DieRecord, type FinalVerdict, NOTIFY_DONE, NOTIFY_STOP, SI_CODES } from '../kernel/index.js';
import type { HitReport } from './backend.js';
import { COMPLETIONS, Completion } from './completion.js';
import type { CpuDriver, Occupant } from './cpu-driver.js';
import { asked, matchAccesses, matchExecution } from './match-decoded.js';
import { PortBase } from './port-base.js';
import { type RangeBreakpoint, watchesExecution } from './range-breakpoint.js';

/**
 * Entry code for silicon that has a status: bit n for register n, and what else it tells. Data hits come after the
 * instruction. A backend says how the status is read, and which bit is a single step.
 */
export abstract class AfterPort<Driver extends CpuDriver<RangeBreakpoint>> extends PortBase<Driver> {
  readonly completions = COMPLETIONS;
  /** The status bit of a single step; 0 where a step is an exception of its own, or there is none. */
  protected abstract readonly step: number;

  /** What an exception is about: reads the status and acknowledges it. At most 31 registers. */
  protected abstract status(cpu: Cpu, exception: DebugException): number;

  protected debug(cpu: Cpu, exception: DebugException): void {
    const status = this.status(cpu, exception);
    this.host.dieChain.notify({ event: 'debug', cpu, task: this.current(cpu), exception, status }, this);
  }

  protected override completed(cpu: Cpu, { completion }: Completed): void {
    if (!(completion instanceof Completion) || completion.hits.length === 0) return;
    const task = this.current(cpu);
    this.host.dieChain.notify({ event: 'step', cpu, task, exception: undefined, status: 0, data: completion }, this);
  }

  hits(record: DieRecord): HitReport | undefined {
    if (record.event === 'step') return record.data instanceof Completion ? { hits: record.data.hits } : undefined;
    if (record.event !== 'debug') return undefined;
    const seen = record.status;
    const taken = this.take(record);
    return record.status === seen ? undefined : { hits: this.#asked(taken, record.cpu) };
  }

  /** Something of the status that is nobody's, such as a step, is for others. */
  delivered({ status }: DieRecord): FinalVerdict {
    return status === 0 ? NOTIFY_STOP : NOTIFY_DONE;
  }

  override finish(record: DieRecord, verdict: FinalVerdict): void {
    if (record.event !== 'debug') super.finish(record, verdict);
    else if (verdict === NOTIFY_DONE && record.status !== 0) this.nobodys(record);
  }

  /** Nobody dealt with an exception: a program gets its SIGTRAP, and the kernel goes on without the step. */
  protected nobodys({ cpu, task, status }: DieRecord): void {
    const stepped = (status & this.step) !== 0;
    if (cpu.context.mode === 'user') {
      const si_code = stepped ? SI_CODES.TRAP_TRACE : SI_CODES.TRAP_HWBKPT;
      this.signal(task, { si_signo: 'SIGTRAP', si_code, si_addr: cpu.context.pc });
    } else if (stepped) {
      this.host.logger.log('warn', `single step in the kernel at ${hex(cpu.pc)} that nobody asked for`);
      cpu.context.singleStep = false;
    }
  }

  /** The occupants of the registers that the status names, in order. Their bits are cleared, nobody else's. */
  protected take(record: DieRecord): readonly Occupant<RangeBreakpoint>[] {
    const { occupants } = this.driver(record.cpu);
    const seen = record.status;
    // One is what there nearly always is: an array that grows would take room for many.
    let taken: Occupant<RangeBreakpoint>[] | undefined;
    let executes = false;
    for (let register = 0; register < occupants.length; register++) {
      const occupant = (seen & (1 << register)) === 0 ? undefined : occupants[register];
      if (occupant === undefined || !this.takes(occupant, record)) continue;
      record.status &= ~(1 << register);
      executes ||= watchesExecution(occupant.info);
      if (taken === undefined) taken = [occupant];
      else taken.push(occupant);
    }
    if (executes && record.exception?.timing === 'before') this.passBy(record.cpu);
    return taken ?? [];
  }

  /** Silicon that compares blocks reports what nobody asked for: debuggers are told of that, and nobody else. */
  #asked(taken: readonly Occupant<RangeBreakpoint>[], cpu: Cpu): readonly Occupant[] {
    const { manifest } = this.host;
    if (manifest.grain === 1 && manifest.executeGrain === 1) return taken;
    const real = [...matchExecution(taken, cpu, manifest), ...matchAccesses(taken, cpu, manifest, 'any')];
    const wanted = new Set(asked(real));
    return taken.filter((occupant) => occupant.delivery === 'silicon' || wanted.has(occupant));
  }

  /** Whether a bit of the status is its register's hit. */
  protected takes(_occupant: Occupant<RangeBreakpoint>, _record: DieRecord): boolean {
    return true;
  }

  /**
   * An execute breakpoint that came before its instruction does not come again when that executes. Without a resume
   * flag the instruction completes with all registers disarmed, and what it accessed is told then.
   */
  protected passBy(cpu: Cpu): void {
    const { manifest } = this.host;
    if (manifest.resumeFlag) cpu.context.resume = true;
    else this.completeDisarmed(cpu, asked(matchAccesses(this.wanted(cpu), cpu, manifest, 'any')));
  }

  /** Whether a breakpoint is about the mode that the CPU is in, where the silicon filters by privilege. */
  protected wants(_info: RangeBreakpoint, _cpu: Cpu): boolean {
    return true;
  }

  /** Who is in each register, as far as that is about the CPU's mode. */
  protected wanted(cpu: Cpu): readonly (Occupant<RangeBreakpoint> | undefined)[] {
    return this.driver(cpu).occupants.map((occupant) =>
      occupant !== undefined && this.wants(occupant.info, cpu) ? occupant : undefined,
    );
  }

  /** The interrupted instruction completes with the registers out of the way; then `hits` are told. */
  protected completeDisarmed(cpu: Cpu, hits: readonly Occupant[]): void {
    cpu.completeDisarmed(new Completion(hits));
  }
}
