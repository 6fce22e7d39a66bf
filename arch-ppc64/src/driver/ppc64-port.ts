import {
  type ArchHost,
  type ArchPort,
  type Cpu,
  type DebugException,
  type Deliver,
  type DieRecord,
  hex,
  NOTIFY_DONE,
  NOTIFY_STOP,
  type Occupant,
  SI_CODES,
  type Task,
  type TaskState,
  type Verdict,
} from '@hwbp/core';
import { DEBUGGER_HIT_TAKES_ALL, RESERVE_DISABLES, UNMATCHED_HIT_DISARMS } from '../quirks.js';
import { DSISR_DABRMATCH } from '../silicon/dsisr.js';
import { TRACE } from '../silicon/ppc64-debug-unit.js';
import { matchInstruction, ofAnyKind, wantsMode } from './match.js';
import type { Ppc64Breakpoint } from './ppc64-breakpoint.js';
import type { Ppc64Driver } from './ppc64-driver.js';
import { freshThreadState, type Ppc64ThreadState, TRAP_VECTORS } from './thread-state.js';

type Guest = Occupant<Ppc64Breakpoint>;

/** A register whose breakpoint the interrupted instruction touched. */
interface Matched {
  readonly register: number;
  readonly occupant: Guest;
  /** Only bytes that were not asked for, or a mode that was excluded. */
  readonly extraneous: boolean;
}

/**
 * ppc64's entry code of debug exceptions in one kernel (Linux: arch/powerpc/kernel/hw_breakpoint.c and traps.c).
 *
 * The silicon reports before the access. Debuggers are told at once; for everybody else the instruction first completes with
 * the registers disarmed (Linux: single step in user mode, emulation in kernel mode), then a `step` exception brings the hits.
 */
export class Ppc64Port implements ArchPort {
  readonly thread: TaskState<Ppc64ThreadState>;
  readonly #host: ArchHost;
  readonly #isa: number;
  readonly #completed = new WeakMap<DieRecord, readonly Guest[]>();
  /** Breakpoints of debuggers in user space. */
  readonly #debuggers = new WeakSet<Occupant>();

  /** `isa`: version of the Power ISA. */
  constructor(host: ArchHost, isa: number) {
    this.#host = host;
    this.#isa = isa;
    this.thread = host.defineTaskState(freshThreadState);
  }

  /** The driver of a CPU. */
  driver(cpu: Cpu): Ppc64Driver {
    return this.#host.driver(cpu) as Ppc64Driver;
  }

  debug(cpu: Cpu, exception: DebugException): void {
    const task = cpu.current;
    if (task === undefined) return;
    if (exception.vector === TRACE.vector) this.#trace(cpu, task, exception);
    else this.#dataStorage(cpu, task, exception);
  }

  /** A trap instruction: the program counter stays on it. */
  trap(cpu: Cpu): void {
    const task = cpu.current;
    if (task === undefined) return;
    task.context.pc = cpu.pc;
    task.context.set('trap', TRAP_VECTORS.PROGRAM);
    const record: DieRecord = { event: 'breakpoint', cpu, task, exception: undefined, status: 0 };
    this.#host.dieChain.notify(record, (verdict) => {
      if (verdict === NOTIFY_DONE) this.#sigtrap(task, SI_CODES.TRAP_BRKPT, task.context.pc);
    });
  }

  pageFault(cpu: Cpu, address: bigint): void {
    if (cpu.current !== undefined) this.#host.machine.signalPageFault(cpu.current, address);
  }

  minorFault(): void {}

  systemCallExit(_cpu: Cpu, task: Task, stepped: boolean): void {
    task.context.set('trap', TRAP_VECTORS.SYSTEM_CALL);
    if (stepped) this.#sigtrap(task, SI_CODES.SI_USER, undefined);
  }

  /** A breakpoint is that of a debugger in user space. */
  adopt(occupant: Occupant): void {
    this.#debuggers.add(occupant);
  }

  /** A debugger's breakpoint was hit: its task gets a SIGTRAP. */
  userHit(task: Task): void {
    this.thread.get(task).told = true;
  }

  notify(record: DieRecord, deliver: Deliver): Verdict {
    if (record.event === 'step') {
      const hits = this.#completed.get(record);
      return hits === undefined ? NOTIFY_DONE : this.#deliver(hits, record, deliver, () => NOTIFY_STOP);
    }
    if (record.event !== 'debug' || (record.status & DSISR_DABRMATCH) === 0) return NOTIFY_DONE;
    const matched = this.#match(record);
    if (matched.length === 0) return this.#nobodys(record);
    record.status &= ~DSISR_DABRMATCH;
    if (matched.some(({ occupant }) => occupant.delivery === 'silicon')) return this.#atOnce(record, matched, deliver);
    if (record.cpu.decode().reserve === true && this.#host.quirks.isOn(RESERVE_DISABLES)) {
      for (const { occupant } of matched) this.#giveUp(occupant);
      return NOTIFY_STOP;
    }
    this.#complete(record, asked(matched));
    return NOTIFY_STOP;
  }

  // --- exceptions ---

  #dataStorage(cpu: Cpu, task: Task, exception: DebugException): void {
    const { dar, dsisr } = this.driver(cpu).unit;
    const { context } = task;
    context.set('trap', TRAP_VECTORS.DSI);
    context.set('dar', dar);
    context.set('dsisr', BigInt(dsisr));
    this.thread.get(task).told = false;
    const record: DieRecord = { event: 'debug', cpu, task, exception, status: dsisr };
    this.#host.dieChain.notify(record, (verdict) => {
      if (verdict === NOTIFY_DONE) this.#sigtrap(task, SI_CODES.TRAP_HWBKPT, dar);
    });
  }

  #trace(cpu: Cpu, task: Task, exception: DebugException): void {
    const { context } = task;
    context.singleStep = false;
    context.set('trap', TRAP_VECTORS.TRACE);
    const record: DieRecord = { event: 'step', cpu, task, exception, status: 0 };
    this.#host.dieChain.notify(record, (verdict) => {
      if (verdict === NOTIFY_STOP) return;
      if (context.mode === 'user') this.#sigtrap(task, SI_CODES.TRAP_TRACE, context.pc);
      else this.#host.logger.log('warn', `single step in the kernel at ${hex(cpu.pc)} that nobody asked for`);
    });
  }

  #sigtrap(task: Task, si_code: number, si_addr: bigint | undefined): void {
    const info = { si_signo: 'SIGTRAP', si_code } as const;
    this.#host.machine.sendSignal(task, si_addr === undefined ? info : { ...info, si_addr });
  }

  // --- hits ---

  /** Nothing says which register matched: the instruction is decoded and compared with each. */
  #match({ cpu, task }: DieRecord): readonly Matched[] {
    const decoded = cpu.decode();
    const { mode } = task.context;
    const strict = !this.#host.quirks.isOn(UNMATCHED_HIT_DISARMS);
    const matched: Matched[] = [];
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
  #nobodys({ cpu }: DieRecord): Verdict {
    const driver = this.driver(cpu);
    if (this.#host.quirks.isOn(UNMATCHED_HIT_DISARMS)) driver.disable();
    return NOTIFY_DONE;
  }

  /** Debuggers are told before the access; then it executes again, with their breakpoints out of the way. */
  #atOnce(record: DieRecord, matched: readonly Matched[], deliver: Deliver): Verdict {
    const { cpu, task } = record;
    const users = matched.some(({ occupant }) => this.#debuggers.has(occupant));
    const all = users && this.#host.quirks.isOn(DEBUGGER_HIT_TAKES_ALL);
    const first = matched.filter(({ occupant }) => all || occupant.delivery === 'silicon');
    const later = asked(matched).filter(({ delivery }) => !all && delivery === 'after');
    const hits = first.map(({ occupant }) => occupant);
    return this.#deliver(hits, record, deliver, () => {
      const driver = this.driver(cpu);
      const armed = first.filter(({ register, occupant }) => driver.occupants[register] === occupant);
      if (all) for (const { register } of armed) driver.disarm(register);
      else if (armed.length > 0 || later.length > 0) this.#complete(record, later);
      return this.thread.get(task).told ? NOTIFY_DONE : NOTIFY_STOP;
    });
  }

  /** The instruction executes again with the registers disarmed; then those that it hit are told. */
  #complete({ cpu: faulted, task }: DieRecord, hits: readonly Guest[]): void {
    faulted.completeDisarmed((cpu) => {
      if (hits.length === 0) return;
      const record: DieRecord = { event: 'step', cpu, task, exception: undefined, status: 0 };
      this.#completed.set(record, hits);
      this.#host.dieChain.notify(record, () => {});
    });
  }

  #deliver(hits: readonly Guest[], record: DieRecord, deliver: Deliver, then: () => Verdict): Verdict {
    for (const [i, occupant] of hits.entries()) {
      const request = deliver(occupant, record);
      if (request === undefined) continue;
      return { ...request, resume: () => this.#deliver(hits.slice(i + 1), record, deliver, then) };
    }
    return then();
  }

  #giveUp(occupant: Guest): void {
    const { address } = occupant.info;
    const message = `a load-reserve or store-conditional hit the breakpoint at ${hex(address)}: it cannot be stepped, the breakpoint is disabled`;
    this.#host.logger.log('warn', message);
    this.#host.giveUp(occupant);
  }
}

/** Those that are told after the access: of bytes that they asked for. */
function asked(matched: readonly Matched[]): readonly Guest[] {
  return matched.filter(({ extraneous }) => !extraneous).map(({ occupant }) => occupant);
}
