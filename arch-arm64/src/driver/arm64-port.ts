import {
  type ArchHost,
  BeforePort,
  type ControlTrap,
  type Cpu,
  type DebugException,
  type DieRecord,
  type FinalVerdict,
  type HitReport,
  hex,
  type Matched,
  type Mode,
  NOTIFY_STOP,
  type RangeBreakpoint,
  SI_CODES,
  type SoftwareTrap,
  type Task,
  type TaskState,
  USER_DEBUGGERS,
} from '@hwbp/core';
import { COPIES_ARE_SILENT, STEPPED_CALL_STOPS_TWICE, STEPS_LIKE_A_TRACER } from '../quirks.js';
import { STEP } from '../silicon/arm64-debug-unit.js';
import { PRIVILEGE_EL0, PRIVILEGE_EL1 } from '../silicon/control.js';
import type { Arm64Breakpoint } from './arm64-breakpoint.js';
import type { Arm64Driver } from './arm64-driver.js';
import { LinuxStepping } from './linux-stepping.js';
import { type Arm64ThreadState, freshThreadState, THREAD_STATE_FORM } from './thread-state.js';

/**
 * arm64's entry code of debug exceptions in one kernel. Debuggers in user space are told before the instruction, and
 * step over it themselves; for everybody else the kernel goes past it: as Linux does ({@link LinuxStepping}), or,
 * without that quirk, by completing it with the registers disarmed and telling them afterwards.
 */
export class Arm64Port extends BeforePort<Arm64Driver> {
  readonly thread: TaskState<Arm64ThreadState>;
  /** A software step is an exception of its own. */
  protected readonly step = 0;
  readonly #linux: LinuxStepping | undefined;
  readonly #silentCopies: boolean;
  readonly #stopsTwice: boolean;

  constructor(host: ArchHost) {
    super(host);
    const { machine, quirks } = host;
    this.thread = host.defineTaskState(freshThreadState, THREAD_STATE_FORM);
    this.#silentCopies = quirks.isOn(COPIES_ARE_SILENT);
    this.#stopsTwice = quirks.isOn(STEPPED_CALL_STOPS_TWICE);
    // TIF_SINGLESTEP is no child's.
    machine.hooks.fork.add((_parent, child) => {
      child.context.singleStep = false;
    });
    if (!quirks.isOn(STEPS_LIKE_A_TRACER)) return;
    const linux = new LinuxStepping({
      driver: (cpu) => this.driver(cpu),
      thread: (task) => this.thread.get(task),
      known: (task) => this.thread.peek(task),
      pass: (cpu, pool) => (pool === 'execute' ? this.passBy(cpu) : this.completeDisarmed(cpu, [])),
      copiesCount: !this.#silentCopies,
    });
    this.#linux = linux;
    machine.hooks.contextSwitch.add((cpu, _previous, next) => linux.switched(cpu, next));
    machine.hooks.signal.add((task) => linux.handlerEntered(machine.cpus[task.cpu] as Cpu, task));
  }

  // --- what happens ---

  protected override debug(cpu: Cpu, exception: DebugException): void {
    if (exception === STEP) this.#stepped(cpu, exception);
    else super.debug(cpu, exception);
  }

  /** A BRK instruction: the program counter stays on it. */
  protected override software(cpu: Cpu, trap: SoftwareTrap): void {
    cpu.context.pc = cpu.pc;
    super.software(cpu, trap);
  }

  /** Undefined, whatever the reason. */
  protected override controlFault(cpu: Cpu, trap: ControlTrap): void {
    if (cpu.context.mode !== 'user') super.controlFault(cpu, trap);
    else this.signal(this.current(cpu), { si_signo: 'SIGILL', si_code: SI_CODES.ILL_ILLOPC, si_addr: cpu.pc });
  }

  /** What the result takes the place of. SVC counts as stepped: PSTATE.SS is saved as 0. */
  systemCallEntry(_cpu: Cpu, { context }: Task): void {
    context.set('orig_x0', context.get('x0'));
    context.stepDue = context.singleStep;
  }

  override systemCallExit(cpu: Cpu, task: Task, stepped: boolean): void {
    if (this.#stopsTwice) super.systemCallExit(cpu, task, stepped);
  }

  // --- whose hits ---

  /** The exception class says what there is to say. */
  protected status(): number {
    return 0;
  }

  /** A debugger in user space goes past the instruction itself; past a copy that the kernel makes, the kernel does. */
  override hits(record: DieRecord): HitReport | undefined {
    if (record.event !== 'debug') return super.hits(record);
    if (this.#linux !== undefined) return this.#linux.hits(record);
    if (record.cpu.context.mode !== 'user') return super.hits(record);
    const matched = this.match(record);
    const debuggers = matched.filter(({ occupant }) => occupant.owner === USER_DEBUGGERS);
    if (debuggers.length > 0) return { hits: debuggers.map(({ occupant }) => occupant) };
    return super.hits(record);
  }

  override delivered(record: DieRecord): FinalVerdict {
    if (record.event !== 'debug' || this.#linux === undefined) return super.delivered(record);
    this.#linux.delivered(record);
    return NOTIFY_STOP;
  }

  override finish(record: DieRecord, verdict: FinalVerdict): void {
    const { event, cpu, task, exception } = record;
    if (event !== 'step' || exception === undefined) super.finish(record, verdict);
    else if (verdict === NOTIFY_STOP) return;
    else if (cpu.context.mode === 'user') {
      this.signal(task, { si_signo: 'SIGTRAP', si_code: SI_CODES.TRAP_TRACE, si_addr: cpu.context.pc });
    } else {
      this.host.logger.log('warn', `single step in the kernel at ${hex(cpu.pc)} that nobody asked for`);
      cpu.context.singleStep = false;
    }
  }

  /** By the level that the access is made at: an unprivileged one of the kernel's is EL0's. */
  protected override wants(info: RangeBreakpoint, cpu: Cpu): boolean {
    const { privilege } = info as Arm64Breakpoint;
    const { mode } = cpu.context;
    if (mode !== 'user' && (privilege & PRIVILEGE_EL1) !== 0) return true;
    if ((privilege & PRIVILEGE_EL0) === 0) return false;
    return mode === 'user' || (cpu.decode().accesses?.some(({ unprivileged }) => unprivileged) ?? false);
  }

  /**
   * The kernel's own copies match what is about user mode: where they are silent, or the kernel is excluded, they are
   * completed, and that is all.
   */
  protected override tell(record: DieRecord, matched: readonly Matched[]): HitReport {
    const { cpu } = record;
    const { mode } = cpu.context;
    if (mode === 'user') return super.tell(record, matched);
    const heard = matched.filter(({ occupant }) => this.#hears(occupant.info as Arm64Breakpoint, mode));
    if (heard.length > 0) return super.tell(record, heard);
    this.completeDisarmed(cpu, []);
    return { hits: [] };
  }

  /** Breakpoints are off for the instruction, and watchpoints are not (Linux clears E of one kind). */
  protected override passBy(cpu: Cpu): void {
    cpu.context.resume = true;
  }

  #hears({ privilege, excluded }: Arm64Breakpoint, mode: Mode): boolean {
    const copy = (privilege & PRIVILEGE_EL1) === 0;
    return !excluded.includes(mode) && !(copy && this.#silentCopies);
  }

  #stepped(cpu: Cpu, exception: DebugException): void {
    const task = this.current(cpu);
    if (task !== undefined && cpu.context.mode === 'user' && this.#linux?.stepped(cpu, task) === true) return;
    this.host.dieChain.notify({ event: 'step', cpu, task, exception, status: 0 }, this);
  }
}
