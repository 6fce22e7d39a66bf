import {
  AfterPort,
  type ArchHost,
  type ControlTrap,
  type Cpu,
  type DebugException,
  type DieRecord,
  type FinalVerdict,
  type HitReport,
  hex,
  NOTIFY_DONE,
  NOTIFY_STOP,
  type Occupant,
  type PageFault,
  type RangeBreakpoint,
  SI_CODES,
  type SoftwareTrap,
  type Task,
  type TaskState,
  watchesExecution,
} from '@hwbp/core';
import type { ResolvedFeatures } from '../features.js';
import { DR6_BS, DR6_RESET, DR6_TRAP_BITS } from '../silicon/dr6.js';
import { callRegisters } from './call-registers.js';
import { freshThreadState, THREAD_STATE_FORM, type X86ThreadState } from './thread-state.js';
import type { X86Driver } from './x86-driver.js';

/** What a debug exception was when it came: what is left of it is in the record. */
interface Entered {
  /** All of DR6, in positive polarity. */
  readonly status: number;
  /** The CPU's registers are muted until the exception ends: it came from the kernel. */
  readonly muted: boolean;
}

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
export class X86Port extends AfterPort<X86Driver> {
  readonly thread: TaskState<X86ThreadState>;
  protected readonly step = DR6_BS;
  readonly #bits: 64 | 32;
  readonly #accumulate: boolean;

  constructor(host: ArchHost, { bits, accumulateDr6 }: Pick<ResolvedFeatures, 'bits' | 'accumulateDr6'>) {
    super(host);
    this.#bits = bits;
    this.#accumulate = accumulateDr6;
    this.thread = host.defineTaskState(freshThreadState, THREAD_STATE_FORM);
    for (const cpu of host.machine.cpus) {
      // What another kernel has left there is no exception of this one's.
      const { unit } = this.driver(cpu);
      if (unit.status !== DR6_RESET) unit.setStatus(DR6_RESET);
    }
  }

  // --- what happens ---

  /**
   * All of DR6, in positive polarity. Acknowledged at once: the chip only ever adds to it, and the next exception must
   * not show this one's bits.
   */
  protected status(cpu: Cpu): number {
    const { unit } = this.driver(cpu);
    const status = (unit.status ^ DR6_RESET) >>> 0;
    unit.setStatus(DR6_RESET);
    return status;
  }

  protected override debug(cpu: Cpu, exception: DebugException): void {
    this.#enter(cpu, exception, this.status(cpu));
  }

  /**
   * DR7 is saved and off on the way in, and restored on the way out: whatever the handlers touch must not raise a debug
   * exception inside of an NMI (Linux: exc_nmi, local_db_save). Whoever else mutes keeps the registers quiet beyond.
   */
  nonMaskable(cpu: Cpu, handlers: () => void): void {
    const unmute = this.driver(cpu).mute();
    try {
      handlers();
    } finally {
      unmute();
    }
  }

  /** INT1 leaves DR6 alone: an exception without a cause. */
  protected override software(cpu: Cpu, trap: SoftwareTrap): void {
    if (trap.name === 'debug') this.#enter(cpu, undefined, 0);
    else super.software(cpu, trap);
  }

  /**
   * A fault saves RF set, so that an execute breakpoint that was handled does not fire again when the instruction
   * restarts.
   */
  protected override copyFault(cpu: Cpu): void {
    cpu.context.resume = true;
  }

  protected override pageFault(cpu: Cpu, trap: PageFault): void {
    cpu.context.resume = true;
    if (isCanonical(trap.address) || cpu.context.mode !== 'user') super.pageFault(cpu, trap);
    else this.#generalProtection(cpu);
  }

  /** #UD for a register that there is not, #GP for one that may not be accessed so. */
  protected override controlFault(cpu: Cpu, trap: ControlTrap): void {
    cpu.context.resume = true;
    if (cpu.context.mode !== 'user' || trap.fault === 'undefined') super.controlFault(cpu, trap);
    else this.#generalProtection(cpu);
  }

  systemCallEntry(_cpu: Cpu, { context }: Task): void {
    const { number, original } = callRegisters(this.#bits);
    context.set(original, context.get(number));
  }

  override systemCallExit(_cpu: Cpu, task: Task, stepped: boolean): void {
    const thread = this.thread.get(task);
    if (stepped) this.#sigtrap(task, SI_CODES.TRAP_BRKPT, task.context.pc);
    else if (thread.trapAtExit) this.#sigtrap(task, SI_CODES.TRAP_HWBKPT, task.context.pc);
    thread.trapAtExit = false;
  }

  // --- whose hits ---

  override hits(record: DieRecord): HitReport | undefined {
    if (record.event !== 'debug' || (record.status & DR6_TRAP_BITS) === 0) return undefined;
    return { hits: this.take(record) };
  }

  /** A step onto the instruction: an execute breakpoint there will fault on its own. */
  protected override takes({ info }: Occupant<RangeBreakpoint>, { status }: DieRecord): boolean {
    return (status & DR6_BS) === 0 || !watchesExecution(info);
  }

  override delivered({ task, data, status }: DieRecord): FinalVerdict {
    // Not every record in the chain is of this entry code's making.
    const seen = (data as Entered | undefined)?.status ?? status;
    const told = task !== undefined && this.thread.get(task).hit;
    return told || (seen & ~DR6_TRAP_BITS) !== 0 ? NOTIFY_DONE : NOTIFY_STOP;
  }

  override finish(record: DieRecord, verdict: FinalVerdict): void {
    const { event, cpu, task } = record;
    if (event === 'debug') {
      const { muted } = record.data as Entered;
      if (muted) this.driver(cpu).unmute();
      if (verdict === NOTIFY_STOP) return;
      if (muted) this.#fromKernel(record);
      else if (task !== undefined) this.#fromUser(record, task);
    } else if (verdict === NOTIFY_DONE && cpu.context.mode === 'user') {
      // One that was written over an instruction leaves the program counter behind itself, like any other; one that was
      // planted stands for a breakpoint that its owner has stepped back from.
      const { pc } = cpu;
      const written = cpu.context.pc === pc && !this.host.machine.planted.has(cpu.pcHi, cpu.pcLo);
      if (written) cpu.context.pc = pc + 1n;
      this.#sigtrap(task, SI_CODES.SI_KERNEL, undefined);
    } else if (verdict === NOTIFY_DONE) {
      this.host.logger.log('error', `int3 in the kernel at ${hex(cpu.pc)} that nobody planted`);
    }
  }

  // --- debuggers in user space ---

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

  // --- private ---

  /** Nothing fires while an exception from the kernel is handled. */
  #enter(cpu: Cpu, exception: DebugException | undefined, status: number): void {
    const task = this.current(cpu);
    const muted = cpu.context.mode !== 'user';
    if (muted) this.driver(cpu).mute();
    if (task !== undefined) this.#begin(task, status, muted);
    const data: Entered = { status, muted };
    this.host.dieChain.notify({ event: 'debug', cpu, task, exception, status, data }, this);
  }

  #begin(task: Task, status: number, fromKernel: boolean): void {
    const thread = this.thread.get(task);
    thread.hit = false;
    if (fromKernel) return;
    this.#forgetNotified(thread);
    const kept = this.#accumulate ? thread.virtualDr6 & DR6_TRAP_BITS : 0;
    thread.virtualDr6 = kept | (status & DR6_BS);
    thread.virtualDr6High = 0;
  }

  #fromUser(record: DieRecord, task: Task): void {
    const thread = this.thread.get(task);
    // Bits that were kept are told with the next hit, but are no hit themselves.
    const effective = record.status | (thread.hit ? thread.virtualDr6 : thread.virtualDr6 & ~DR6_TRAP_BITS);
    if ((record.data as Entered).status === 0 || (effective & (DR6_BS | DR6_TRAP_BITS)) !== 0) {
      this.#sigtrap(task, trapCode(effective), task.context.pc);
    }
  }

  #fromKernel({ cpu, status }: DieRecord): void {
    if ((status & DR6_BS) === 0) return;
    this.host.logger.log('warn', `single step in the kernel at ${hex(cpu.pc)} that nobody asked for`);
    cpu.context.singleStep = false;
  }

  /** #GP knows no address. */
  #generalProtection(cpu: Cpu): void {
    this.signal(this.current(cpu), { si_signo: 'SIGSEGV', si_code: SI_CODES.SI_KERNEL });
  }

  /** Under accumulation: bits that the debugger knows of make room for new ones. */
  #forgetNotified(thread: X86ThreadState): void {
    if (!this.#accumulate || !thread.notified) return;
    thread.virtualDr6 &= ~DR6_TRAP_BITS;
    thread.notified = false;
  }

  #sigtrap(task: Task | undefined, si_code: number, si_addr: bigint | undefined): void {
    if (task === undefined) return;
    this.thread.get(task).notified = true;
    const info = { si_signo: 'SIGTRAP', si_code } as const;
    this.signal(task, si_addr === undefined ? info : { ...info, si_addr });
  }
}
