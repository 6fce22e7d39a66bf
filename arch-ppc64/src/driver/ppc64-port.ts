import {
  type ArchHost,
  BeforePort,
  type ControlTrap,
  type Cpu,
  type DebugException,
  type DieRecord,
  type FinalVerdict,
  type HitReport,
  type HypercallTrap,
  hex,
  type Matched,
  NOTIFY_DONE,
  NOTIFY_STOP,
  type Occupant,
  SI_CODES,
  type SoftwareTrap,
  type Task,
  type TaskState,
  type Telling,
  USER_DEBUGGERS,
} from '@hwbp/core';
import { describeStatus } from '../papr/hcalls.js';
import { DEBUGGER_HIT_TAKES_ALL, RESERVE_DISABLES, UNMATCHED_HIT_DISARMS } from '../quirks.js';
import { DSISR_DABRMATCH } from '../silicon/dsisr.js';
import { TRACE } from '../silicon/ppc64-debug-unit.js';
import { matchInstruction, ofAnyKind, wantsMode } from './match.js';
import type { Ppc64Breakpoint } from './ppc64-breakpoint.js';
import type { Ppc64Driver, Refusal } from './ppc64-driver.js';
import { freshThreadState, type Ppc64ThreadState, THREAD_STATE_FORM, TRAP_VECTORS } from './thread-state.js';

type Guest = Occupant<Ppc64Breakpoint>;

/** All were told at once, and stay disarmed. */
interface TellingAll extends Telling {
  readonly all: true;
}

/**
 * ppc64's entry code of debug exceptions in one kernel (Linux: arch/powerpc/kernel/hw_breakpoint.c and traps.c).
 *
 * The silicon reports before the access. Debuggers are told at once; for everybody else the instruction first completes
 * with the registers disarmed (Linux: single step in user mode, emulation in kernel mode), then a `step` exception
 * brings the hits.
 */
export class Ppc64Port extends BeforePort<Ppc64Driver> {
  readonly thread: TaskState<Ppc64ThreadState>;
  /** A trace interrupt is an exception of its own. */
  protected readonly step = 0;
  readonly #isa: number;

  /** `isa`: version of the Power ISA. */
  constructor(host: ArchHost, isa: number) {
    super(host);
    this.#isa = isa;
    this.thread = host.defineTaskState(freshThreadState, THREAD_STATE_FORM);
    for (const cpu of host.machine.cpus) this.driver(cpu).refusal = (refusal) => this.#refused(cpu, refusal);
  }

  // --- what happens ---

  protected override debug(cpu: Cpu, exception: DebugException): void {
    if (exception.vector === TRACE.vector) this.#trace(cpu, exception);
    else this.#dataStorage(cpu, exception);
  }

  /** A trap instruction: the program counter stays on it. */
  protected override software(cpu: Cpu, trap: SoftwareTrap): void {
    cpu.context.pc = cpu.pc;
    cpu.context.set('trap', TRAP_VECTORS.PROGRAM);
    super.software(cpu, trap);
  }

  /** A program interrupt: illegal where there is no such register, else for lack of privilege. */
  protected override controlFault(cpu: Cpu, trap: ControlTrap): void {
    cpu.context.set('trap', TRAP_VECTORS.PROGRAM);
    if (cpu.context.mode !== 'user') {
      this.oops(cpu, `access ${trap.access.register} so (${trap.fault})`);
      return;
    }
    const si_code = trap.fault === 'privilege' ? SI_CODES.ILL_PRVOPC : SI_CODES.ILL_ILLOPC;
    this.signal(this.current(cpu), { si_signo: 'SIGILL', si_code, si_addr: cpu.pc });
  }

  /** `sc 1` in user mode, or without a hypervisor: a program interrupt for lack of privilege. */
  protected override hypercallFault(cpu: Cpu, trap: HypercallTrap): void {
    cpu.context.set('trap', TRAP_VECTORS.PROGRAM);
    if (cpu.context.mode !== 'user') super.hypercallFault(cpu, trap);
    else this.signal(this.current(cpu), { si_signo: 'SIGILL', si_code: SI_CODES.ILL_PRVOPC, si_addr: cpu.pc });
  }

  systemCallEntry(_cpu: Cpu, { context }: Task): void {
    context.set('orig_gpr3', context.get('r3'));
    context.set('trap', TRAP_VECTORS.SYSTEM_CALL);
  }

  override systemCallExit(cpu: Cpu, task: Task, stepped: boolean): void {
    task.context.set('trap', TRAP_VECTORS.SYSTEM_CALL);
    super.systemCallExit(cpu, task, stepped);
  }

  /** A debugger's breakpoint was hit: its task gets a SIGTRAP. */
  userHit(task: Task): void {
    this.thread.get(task).told = true;
  }

  // --- whose hits ---

  protected status(cpu: Cpu): number {
    return this.driver(cpu).unit.dsisr;
  }

  protected override concerns({ status }: DieRecord): boolean {
    return (status & DSISR_DABRMATCH) !== 0;
  }

  protected override consume(record: DieRecord): void {
    record.status &= ~DSISR_DABRMATCH;
  }

  override delivered(record: DieRecord): FinalVerdict {
    super.delivered(record);
    const { event, task, data } = record;
    if (event === 'step' || data === undefined) return NOTIFY_STOP;
    return task !== undefined && this.thread.get(task).told ? NOTIFY_DONE : NOTIFY_STOP;
  }

  override finish(record: DieRecord, verdict: FinalVerdict): void {
    const { event, cpu, task, exception } = record;
    if (verdict === NOTIFY_STOP) return;
    if (event === 'breakpoint') super.finish(record, verdict);
    else if (event === 'debug') this.#sigtrap(task, SI_CODES.TRAP_HWBKPT, cpu.context.get('dar'));
    else if (exception === undefined) return;
    else if (cpu.context.mode === 'user') this.#sigtrap(task, SI_CODES.TRAP_TRACE, cpu.context.pc);
    else this.host.logger.log('warn', `single step in the kernel at ${hex(cpu.pc)} that nobody asked for`);
  }

  /** Linux does not look at the status: the breakpoint stays, and does not fire. */
  #refused(cpu: Cpu, { layout, info, status }: Refusal): void {
    const why = describeStatus(status);
    const message = `CPU ${cpu.index}: the hypervisor refuses ${layout.name} for ${hex(info.address)}: ${why}`;
    this.host.logger.log('warn', `${message}; the breakpoint does not fire`);
  }

  // --- exceptions ---

  #dataStorage(cpu: Cpu, exception: DebugException): void {
    const { dar } = this.driver(cpu).unit;
    const status = this.status(cpu);
    const { context } = cpu;
    context.set('trap', TRAP_VECTORS.DSI);
    context.set('dar', dar);
    context.set('dsisr', BigInt(status));
    const task = this.current(cpu);
    if (task !== undefined) this.thread.get(task).told = false;
    this.host.dieChain.notify({ event: 'debug', cpu, task, exception, status }, this);
  }

  #trace(cpu: Cpu, exception: DebugException): void {
    cpu.context.singleStep = false;
    cpu.context.set('trap', TRAP_VECTORS.TRACE);
    this.host.dieChain.notify({ event: 'step', cpu, task: this.current(cpu), exception, status: 0 }, this);
  }

  #sigtrap(task: Task | undefined, si_code: number, si_addr: bigint): void {
    this.signal(task, { si_signo: 'SIGTRAP', si_code, si_addr });
  }

  // --- hits ---

  /** Nothing says which register matched: the instruction is decoded and compared with each. */
  protected override match({ cpu }: DieRecord): readonly Matched<Ppc64Breakpoint>[] {
    const decoded = cpu.decode();
    const { mode } = cpu.context;
    const strict = !this.host.quirks.isOn(UNMATCHED_HIT_DISARMS);
    const matched: Matched<Ppc64Breakpoint>[] = [];
    for (const [register, occupant] of this.driver(cpu).occupants.entries()) {
      if (occupant === undefined) continue;
      const { info } = occupant;
      const match = matchInstruction(info, decoded, this.#isa);
      const wanted = wantsMode(info, mode);
      // Sanely, a register that matched what its breakpoint does not want is that breakpoint's all the same.
      const near = strict && match === 'miss' ? matchInstruction(ofAnyKind(info), decoded, this.#isa) : match;
      if (near === 'miss' || (!wanted && !strict)) continue;
      matched.push({ register, occupant, extraneous: match !== 'hit' || !wanted });
    }
    return matched;
  }

  /** A match that fits no breakpoint: the debuggers behind us may know it. */
  protected override unmatched({ cpu }: DieRecord): undefined {
    if (!this.host.quirks.isOn(UNMATCHED_HIT_DISARMS)) return;
    const driver = this.driver(cpu);
    for (const register of driver.occupants.keys()) driver.drop(register);
  }

  protected override tell(record: DieRecord, matched: readonly Matched<Ppc64Breakpoint>[]): HitReport {
    const { quirks } = this.host;
    if (matched.some(({ occupant }) => isUserDebuggers(occupant)) && quirks.isOn(DEBUGGER_HIT_TAKES_ALL)) {
      record.data = { first: matched, later: [], all: true } satisfies TellingAll;
      return { hits: matched.map(({ occupant }) => occupant) };
    }
    const atOnce = matched.some(({ occupant }) => occupant.delivery === 'silicon');
    const stuck = !atOnce && record.cpu.decode().reserve === true && quirks.isOn(RESERVE_DISABLES);
    return stuck ? this.#giveUp(matched) : super.tell(record, matched);
  }

  protected override complete(record: DieRecord, telling: Telling | TellingAll): void {
    if (!('all' in telling)) {
      super.complete(record, telling);
      return;
    }
    const driver = this.driver(record.cpu);
    for (const { register, occupant } of telling.first) {
      if (driver.occupants[register] === occupant) driver.drop(register);
    }
  }

  #giveUp(matched: readonly Matched<Ppc64Breakpoint>[]): HitReport {
    for (const { occupant } of matched) {
      const { address } = occupant.info;
      const message = `a load-reserve or store-conditional hit the breakpoint at ${hex(address)}: it cannot be stepped, the breakpoint is disabled`;
      this.host.logger.log('warn', message);
    }
    return { hits: [], givenUp: matched.map(({ occupant }) => occupant) };
  }
}

/** A breakpoint of a debugger in user space. */
function isUserDebuggers({ owner }: Guest): boolean {
  return owner === USER_DEBUGGERS;
}
