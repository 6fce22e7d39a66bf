import {
  type ArchHost,
  type ArchPort,
  type Cpu,
  type DebugException,
  type Deliver,
  type DieRecord,
  NOTIFY_DONE,
  NOTIFY_STOP,
  type Occupant,
  SI_CODES,
  type Task,
  type Verdict,
} from '@hwbp/core';
import type { HeronDriver } from './heron-driver.js';
import { TRAP } from './heron-unit.js';

/** The entry code of debug exceptions in one kernel. */
export class HeronPort implements ArchPort {
  readonly #host: ArchHost;

  constructor(host: ArchHost) {
    this.#host = host;
  }

  debug(cpu: Cpu, exception: DebugException): void {
    const task = cpu.current;
    if (task === undefined) return;
    const { unit } = this.#host.driver(cpu) as HeronDriver;
    const record: DieRecord = { event: 'debug', cpu, task, exception, status: unit.cause };
    this.#host.dieChain.notify(record, (verdict) => {
      // What nobody wanted is the program's own: a step that nobody asked for, or a watch of a debugger in user space.
      if (verdict === NOTIFY_DONE && task.context.mode === 'user') this.#sigtrap(task, SI_CODES.TRAP_HWBKPT);
    });
  }

  trap(cpu: Cpu): void {
    if (cpu.current !== undefined) this.#sigtrap(cpu.current, SI_CODES.TRAP_BRKPT);
  }

  pageFault(cpu: Cpu, address: bigint): void {
    if (cpu.current !== undefined) this.#host.machine.signalPageFault(cpu.current, address);
  }

  minorFault(): void {}

  systemCallExit(): void {}

  notify(record: DieRecord, deliver: Deliver): Verdict {
    if (record.event !== 'debug') return NOTIFY_DONE;
    // Who was there when it happened: a handler may put somebody else into the register of a later hit.
    return this.#tell(record, deliver, [...(this.#host.driver(record.cpu) as HeronDriver).occupants], 0);
  }

  #tell(record: DieRecord, deliver: Deliver, occupants: readonly (Occupant | undefined)[], first: number): Verdict {
    for (let register = first; register < occupants.length; register++) {
      const occupant = occupants[register];
      if (occupant === undefined || (record.status & (1 << register)) === 0) continue;
      record.status &= ~(1 << register);
      // It executes once more, and must not trap again.
      if (register === TRAP) record.task.context.resume = true;
      const request = deliver(occupant, record);
      if (request !== undefined) {
        return { ...request, resume: () => this.#tell(record, deliver, occupants, register + 1) };
      }
    }
    return record.status === 0 ? NOTIFY_STOP : NOTIFY_DONE;
  }

  #sigtrap(task: Task, si_code: number): void {
    this.#host.machine.sendSignal(task, { si_signo: 'SIGTRAP', si_code, si_addr: task.context.pc });
  }
}
