import {
  type Cpu,
  type DebugException,
  type DieRecord,
  type FinalVerdict,
  type HitReport,
  NOTIFY_DONE,
  NOTIFY_STOP,
  PortBase,
  SI_CODES,
} from '@hwbp/core';
import type { HeronDriver } from './heron-driver.js';
import { TRAP } from './heron-unit.js';

/** The entry code of debug exceptions in one kernel. */
export class HeronPort extends PortBase<HeronDriver> {
  protected debug(cpu: Cpu, exception: DebugException): void {
    const status = this.driver(cpu).unit.cause;
    this.host.dieChain.notify({ event: 'debug', cpu, task: this.current(cpu), exception, status }, this);
  }

  /** Whose hits it is. What is left in `status` is a step, and that is for others. */
  hits(record: DieRecord): HitReport | undefined {
    if (record.event !== 'debug') return undefined;
    const hits = this.driver(record.cpu).occupants.filter((occupant, register) => {
      if (occupant === undefined || (record.status & (1 << register)) === 0) return false;
      record.status &= ~(1 << register);
      // It executes once more, and must not trap again.
      if (register === TRAP) record.cpu.context.resume = true;
      return true;
    });
    return { hits: hits.filter((occupant) => occupant !== undefined) };
  }

  delivered(record: DieRecord): FinalVerdict {
    return record.status === 0 ? NOTIFY_STOP : NOTIFY_DONE;
  }

  /** What nobody wanted is the program's own: a step that nobody asked for, or a watch of a debugger in user space. */
  override finish(record: DieRecord, verdict: FinalVerdict): void {
    const { event, cpu, task } = record;
    if (event !== 'debug') super.finish(record, verdict);
    else if (verdict === NOTIFY_DONE && cpu.context.mode === 'user') {
      this.signal(task, { si_signo: 'SIGTRAP', si_code: SI_CODES.TRAP_HWBKPT, si_addr: cpu.context.pc });
    }
  }
}
