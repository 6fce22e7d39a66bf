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
  type TaskState,
  type Verdict,
} from '@hwbp/core';
import { DR6_BS, DR6_RESET, DR6_TRAP_BITS } from '../silicon/dr6.js';
import { X86_BREAKPOINT_EXECUTE } from '../silicon/dr7.js';
import { X86_DEBUG_REGISTERS } from '../silicon/x86-silicon.js';
import { freshThreadState, type X86ThreadState } from './thread-state.js';
import type { X86Breakpoint } from './x86-breakpoint.js';
import type { X86Driver } from './x86-driver.js';

/** si_code of the SIGTRAP for a status in positive polarity: a single step wins over breakpoints. */
function trapCode(status: number): number {
  if ((status & DR6_BS) !== 0) return SI_CODES.TRAP_TRACE;
  return (status & DR6_TRAP_BITS) !== 0 ? SI_CODES.TRAP_HWBKPT : SI_CODES.TRAP_BRKPT;
}

/** Bits 47 to 63 of an address are all alike (4-level paging). */
function isCanonical(address: bigint): boolean {
  const top = address >> 47n;
  return top === 0n || top === 0x1_ffffn;
}

/** x86's entry code of debug exceptions in one kernel (Linux: arch/x86/kernel/traps.c and hw_breakpoint.c). */
export class X86Port implements ArchPort {
  readonly thread: TaskState<X86ThreadState>;
  readonly #host: ArchHost;
  readonly #accumulate: boolean;

  /** `accumulate`: the virtual DR6 as agreed in 2007, see `X86Features.accumulateDr6`. */
  constructor(host: ArchHost, accumulate = false) {
    this.#host = host;
    this.#accumulate = accumulate;
    this.thread = host.defineTaskState(freshThreadState);
  }

  /** The driver of a CPU. */
  driver(cpu: Cpu): X86Driver {
    return this.#host.driver(cpu) as X86Driver;
  }

  debug(cpu: Cpu, exception: DebugException): void {
    const { unit } = this.driver(cpu);
    // Acknowledged at once: the chip only ever adds to DR6, and the next exception must not show this one's bits.
    const status = (unit.status ^ DR6_RESET) >>> 0;
    unit.setStatus(DR6_RESET);
    const task = cpu.current;
    if (task === undefined) return;
    if (cpu.context.mode === 'user') this.#fromUser(cpu, task, exception, status);
    else this.#fromKernel(cpu, task, exception, status);
  }

  trap(cpu: Cpu, trap: 'breakpoint' | 'debug'): void {
    const task = cpu.current;
    if (task === undefined) return;
    if (trap === 'debug') {
      // INT1 leaves DR6 alone: an exception without a cause.
      if (cpu.context.mode === 'user') this.#fromUser(cpu, task, undefined, 0);
      else this.#fromKernel(cpu, task, undefined, 0);
      return;
    }
    const record: DieRecord = { event: 'breakpoint', cpu, task, exception: undefined, status: 0 };
    this.#host.dieChain.notify(record, (verdict) => {
      if (verdict === NOTIFY_STOP) return;
      if (cpu.context.mode === 'user') this.#sigtrap(task, SI_CODES.SI_KERNEL, undefined);
      else this.#host.logger.log('error', `int3 in the kernel at 0x${cpu.pc.toString(16)} that nobody planted`);
    });
  }

  /** A fault saves RF set, so that an execute breakpoint that was handled does not fire again when the instruction restarts. */
  minorFault(cpu: Cpu): void {
    cpu.context.resume = true;
  }

  pageFault(cpu: Cpu, address: bigint): void {
    const task = cpu.current;
    if (task === undefined) return;
    this.minorFault(cpu);
    // An address that is none raises #GP, which knows no address.
    if (isCanonical(address)) this.#host.machine.signalPageFault(task, address);
    else this.#host.machine.sendSignal(task, { si_signo: 'SIGSEGV', si_code: SI_CODES.SI_KERNEL });
  }

  systemCallExit(_cpu: Cpu, task: Task, stepped: boolean): void {
    const thread = this.thread.get(task);
    if (stepped) this.#sigtrap(task, SI_CODES.TRAP_BRKPT, task.context.pc);
    else if (thread.trapAtExit) this.#sigtrap(task, SI_CODES.TRAP_HWBKPT, task.context.pc);
    thread.trapAtExit = false;
  }

  /** A debugger's watch was hit: its bits are for the task's virtual DR6, and nobody else's ever are. */
  userHit(task: Task, bits: number): void {
    const thread = this.thread.get(task);
    this.#forgetNotified(thread);
    thread.virtualDr6 |= bits;
    thread.hit = true;
    if (task.context.mode !== 'user') thread.trapAtExit = true;
  }

  /** The task's virtual DR6 as if it had never been debugged. */
  resetThread(task: Task): void {
    Object.assign(this.thread.get(task), freshThreadState());
  }

  notify(record: DieRecord, deliver: Deliver): Verdict {
    if (record.event !== 'debug' || (record.status & DR6_TRAP_BITS) === 0) return NOTIFY_DONE;
    const { occupants } = this.driver(record.cpu);
    const hits = record.status & DR6_TRAP_BITS;
    // The occupants of that moment: what a handler puts into the register of a later hit was not hit. One hit needs no copy.
    const several = (hits & (hits - 1)) !== 0;
    return this.#notifyFrom(record, deliver, 0, record.status, several ? occupants.slice() : occupants);
  }

  /** Hits from register `first` on. `seen`, `occupants`: status and registers as they were when the exception came. */
  #notifyFrom(
    record: DieRecord,
    deliver: Deliver,
    first: number,
    seen: number,
    occupants: readonly (Occupant<X86Breakpoint> | undefined)[],
  ): Verdict {
    for (let register = first; register < X86_DEBUG_REGISTERS; register++) {
      if ((seen & (1 << register)) === 0) continue;
      const occupant = occupants[register];
      // Nobody's: a register that is not enabled.
      if (occupant === undefined) continue;
      const execute = occupant.info.type === X86_BREAKPOINT_EXECUTE;
      // A step onto the instruction: the execute breakpoint will fault on its own.
      if (execute && (seen & DR6_BS) !== 0) continue;
      record.status &= ~(1 << register);
      const request = deliver(occupant, record);
      if (execute) record.task.context.resume = true;
      if (request !== undefined) {
        return { ...request, resume: () => this.#notifyFrom(record, deliver, register + 1, seen, occupants) };
      }
    }
    return this.thread.get(record.task).hit || (seen & ~DR6_TRAP_BITS) !== 0 ? NOTIFY_DONE : NOTIFY_STOP;
  }

  #fromUser(cpu: Cpu, task: Task, exception: DebugException | undefined, status: number): void {
    const thread = this.thread.get(task);
    this.#forgetNotified(thread);
    const kept = this.#accumulate ? thread.virtualDr6 & DR6_TRAP_BITS : 0;
    thread.virtualDr6 = kept | (status & DR6_BS);
    thread.virtualDr6High = 0;
    thread.hit = false;
    const record: DieRecord = { event: 'debug', cpu, task, exception, status };
    this.#host.dieChain.notify(record, (verdict) => {
      if (verdict === NOTIFY_STOP) return;
      // Bits that were kept are told with the next hit, but are no hit themselves.
      const effective = record.status | (thread.hit ? thread.virtualDr6 : thread.virtualDr6 & ~DR6_TRAP_BITS);
      if (status === 0 || (effective & (DR6_BS | DR6_TRAP_BITS)) !== 0) {
        this.#sigtrap(task, trapCode(effective), task.context.pc);
      }
    });
  }

  #fromKernel(cpu: Cpu, task: Task, exception: DebugException | undefined, status: number): void {
    const driver = this.driver(cpu);
    driver.quiesce();
    this.thread.get(task).hit = false;
    const record: DieRecord = { event: 'debug', cpu, task, exception, status };
    this.#host.dieChain.notify(record, (verdict) => {
      driver.resume();
      if (verdict === NOTIFY_STOP || (record.status & DR6_BS) === 0) return;
      this.#host.logger.log('warn', `single step in the kernel at 0x${cpu.pc.toString(16)} that nobody asked for`);
      task.context.singleStep = false;
    });
  }

  /** Under accumulation: bits that the debugger knows of make room for new ones. */
  #forgetNotified(thread: X86ThreadState): void {
    if (!this.#accumulate || !thread.notified) return;
    thread.virtualDr6 &= ~DR6_TRAP_BITS;
    thread.notified = false;
  }

  #sigtrap(task: Task, si_code: number, si_addr: bigint | undefined): void {
    this.thread.get(task).notified = true;
    const info = { si_signo: 'SIGTRAP', si_code } as const;
    this.#host.machine.sendSignal(task, si_addr === undefined ? info : { ...info, si_addr });
  }
}
