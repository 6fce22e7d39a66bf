import type { Cpu, DieRecord, Hit, RunResult, Task } from '@hwbp/core';
import {
  Disposables,
  type ExecutionGate,
  joinHalves,
  NOBODY_RUNS,
  NOTIFY_DONE,
  NOTIFY_STOP,
  type Verdict,
} from '@hwbp/core';
import { kgdbError } from '../errors.js';
import type { Progress } from '../rsp/debug-target.js';
import type { ExecutionPort, ResumePlan, Stop, StopReason } from '../rsp/target-port.js';
import type { ControlOptions } from './control-options.js';
import { type Due, endOf } from './due.js';
import { GDB_SIGNALS } from './gdb-signals.js';
import { OWNER, type TargetParts } from './parts.js';
import { NOBODYS } from './processes.js';
import { type Resumed, resumedBy } from './resumed.js';
import type { ThreadModel } from './thread-model.js';

/** Linux's kgdb is the last in the chain too. */
const NOTIFIER_PRIORITY = -0x7fff_ffff;

/**
 * Stops the world and lets it go on: entering disarms every CPU and keeps everybody from executing, leaving puts back
 * what was there.
 */
export class Control implements ExecutionPort {
  onStop: (stop: Stop) => void = () => {};
  readonly bias: bigint | undefined;
  readonly #parts: TargetParts;
  readonly #threads: ThreadModel;
  readonly #options: ControlOptions;
  readonly #hooks = new Disposables();
  /** Takes away what keeps others from executing. */
  #openGate: () => void = () => {};
  /** Instructions that the thread which is stepped had retired before. */
  #steppedFrom = 0;
  #stop: Stop = { kind: 'exited', code: 0 };
  #plan: ResumePlan = {};
  /** The threads of the plan; `undefined`: all. */
  #resumed: Resumed | undefined;
  /** The step is over, and its thread stands on a breakpoint: it stops when its next instruction is due. */
  #landed = false;
  #inside = false;
  #interrupted = false;
  /** Exceptions that the debugger has been told of. */
  readonly #told = new WeakSet<DieRecord>();
  /** How the task that ended last did. */
  #ended: Stop = { kind: 'exited', code: 0 };
  /** What the debugger is to be told as soon as the instruction is over in which it has happened. */
  #due: Due[] = [];
  /** The machine was asked to stop for that, and has not answered. */
  #stopping = false;

  constructor(parts: TargetParts, threads: ThreadModel, options: ControlOptions) {
    this.#parts = parts;
    this.#threads = threads;
    this.bias = options.bias;
    this.#options = options;
    this.#hooks.add(
      parts.machine.dieChain.register((record) => this.#notified(record), NOTIFIER_PRIORITY),
      parts.machine.hooks.exit.add((task) => {
        const process = threads.processOf(task);
        if (process !== NOBODYS) this.#ended = endOf(task, process);
      }),
    );
  }

  get stop(): Stop {
    return this.#stop;
  }

  /** True while the debugger has the machine. */
  get inside(): boolean {
    return this.#inside;
  }

  /** Stops the world for a debugger that has just connected. */
  attach(): void {
    this.#stopAnywhere(GDB_SIGNALS.SIGTRAP);
  }

  /** Lets go for good. */
  release(): void {
    this.unhook();
    // What it was to stop for concerns nobody any more.
    if (this.#stopping) this.#parts.machine.run(0);
    this.#leave(undefined);
  }

  /** Hears of nothing any more. */
  unhook(): void {
    this.#hooks[Symbol.dispose]();
  }

  resume(plan: ResumePlan): void {
    const gone = [plan.step?.thread, ...(plan.threads ?? [])].find(
      (thread) => thread !== undefined && !this.#threads.exists(thread),
    );
    if (gone !== undefined) throw kgdbError('KGDB_NO_THREAD', `thread ${gone} is gone; nothing was resumed`);
    this.#options.check(plan);
    this.#plan = plan;
    this.#landed = false;
    this.#resumed = resumedBy(plan, (thread) => this.#options.processOf(thread));
    this.#options.prepare(plan, this.#resumed);
    const { step } = plan;
    if (step !== undefined) this.#steppedFrom = this.#threads.instructions(step.thread);
    this.#leave(this.#resumed === undefined ? undefined : this.#threads.gate(this.#resumed));
  }

  interrupt(): void {
    this.#interrupted = true;
  }

  /** Lets the machine execute about `budget` instructions of what was resumed. */
  run(budget: number): Progress {
    if (this.#inside) return 'stopped';
    // Another debugger of this kernel has the machine: nothing executes before that lets go, and a Ctrl-C waits.
    if (this.#parts.breakpoints.debugger.inside !== undefined) return 'waiting';
    if (this.#interrupted) {
      this.#stopAnywhere(GDB_SIGNALS.SIGINT);
      return 'stopped';
    }
    return this.#plan.step === undefined ? this.#advance(budget) : this.#step(this.#plan.step, budget);
  }

  /**
   * One of the debugger's breakpoints was hit: the machine stops inside the exception. Once for each exception, however
   * many registers it is about.
   */
  hit(hit: Hit, reason: StopReason): void {
    // Somebody else's `machine.run` in the middle of an exception: the debugger has the machine already.
    if (this.#inside || this.#told.has(hit.record)) return;
    this.#told.add(hit.record);
    hit.suspend(OWNER, this);
    this.#enter(this.#stopAt(hit.cpu, hit.task, reason));
  }

  /** A task is about to get a signal: the machine stops before that. False: the debugger has it already. */
  signal(task: Task, signal: number): boolean {
    if (this.#inside) return false;
    this.#enter(this.#standing(task.pid, signal));
    return true;
  }

  /** Something has become of a task: the machine stops behind it. False: the debugger has the machine already. */
  event({ pid: thread }: Task, reason: StopReason): boolean {
    if (this.#inside) return false;
    this.#await({ thread, reason });
    return true;
  }

  /** A process has ended, and others go on: likewise. */
  processEnded(task: Task, process: number): void {
    this.#await({ end: endOf(task, process) });
  }

  /** The debugger has let go of threads: a stop shows one that it still has. */
  detached(): void {
    this.#due = this.#due.filter((due) => 'end' in due || this.#threads.exists(due.thread));
    if (this.#stop.kind === 'stopped' && !this.#threads.exists(this.#stop.thread))
      this.#stop = this.#standing(0, this.#stop.signal);
  }

  // --- private ---

  /** Lets the machine execute. */
  #advance(budget: number): Progress {
    if (this.#tellDue()) return 'stopped';
    const result = this.#parts.machine.run(budget);
    if (result.reason === 'stopped') this.#stopping = false;
    if (this.#inside || this.#tellDue()) return 'stopped';
    if (this.#abandoned) {
      this.#stopAnywhere(GDB_SIGNALS.SIGTRAP);
      return 'stopped';
    }
    switch (result.reason) {
      case 'stopped':
        // What it was to stop for was told with an earlier stop.
        if (result.detail === this) return 'budget';
        this.#stoppedByKernel(result);
        return 'stopped';
      case 'starved':
        return 'starved';
      case 'idle':
        return this.#idle();
      case 'held':
        return 'waiting';
      default:
        // `suspended` by somebody else, who does not drive this machine: it goes on.
        return 'budget';
    }
  }

  #await(due: Due): void {
    this.#due.push(due);
    this.#stopping = true;
    this.#parts.machine.stop('something has happened that a debugger wants to know', this);
  }

  /** Tells the debugger what has happened first. */
  #tellDue(): boolean {
    const due = this.#due.shift();
    if (due === undefined) return false;
    if ('end' in due) this.#enter(this.#standing(0, GDB_SIGNALS.SIGTRAP), due.end);
    else this.#enter(this.#stopOf(due.thread, due.reason));
    return true;
  }

  /** Lets the machine execute as it would, until the thread has retired an instruction, or can retire none. */
  #step({ thread, start, end }: NonNullable<ResumePlan['step']>, budget: number): Progress {
    for (let used = 0; used < budget; used++) {
      const progress = this.#advance(1);
      if (progress === 'stopped' || (progress === 'starved' && !this.#landed)) return progress;
      const retired = this.#threads.instructions(thread);
      const stepped = retired !== this.#steppedFrom;
      this.#steppedFrom = retired;
      if (this.#landed || (stepped && !this.#isWithin(thread, start, end))) {
        const goesOn = progress === 'budget' && !(this.#landed && stepped);
        this.#landed = goesOn && this.#isEarly(thread);
        if (this.#landed) continue;
      } else if (stepped || (progress === 'budget' && this.#threads.canExecute(thread))) {
        // Inside the range; or not its turn, an exception instead of the instruction, or the end of a program.
        continue;
      }
      this.#stopAnywhere(GDB_SIGNALS.SIGTRAP, thread);
      return 'stopped';
    }
    return 'budget';
  }

  /**
   * True while a thread stands on a breakpoint and others are next. A debugger goes on from there with a step of that
   * thread alone, which would come before what is due.
   */
  #isEarly(thread: number): boolean {
    if (this.#resumed !== undefined) return false;
    const pc = this.#threads.context(thread)?.pc;
    if (pc === undefined || !this.#options.isPoint(pc, thread)) return false;
    const { next } = this.#parts.machine;
    return next !== undefined && this.#threads.at(next.cpu, next.task) !== thread;
  }

  /** True while a thread's program counter is in a range, the end excluded. */
  #isWithin(thread: number, start: bigint, end: bigint): boolean {
    const pc = this.#threads.context(thread)?.pc;
    return pc !== undefined && pc >= start && pc < end;
  }

  /** Every thread that was resumed has ended. */
  get #abandoned(): boolean {
    const { threads, processes } = this.#plan;
    if (threads === undefined || threads.some((thread) => this.#threads.exists(thread))) return false;
    return (
      processes === undefined || !this.#threads.list().some(({ id }) => processes.includes(this.#options.processOf(id)))
    );
  }

  /** Nothing can run. Once no task is left, the program has ended. */
  #idle(): Progress {
    if (!this.#threads.over) return 'waiting';
    this.#enter(this.#ended);
    return 'stopped';
  }

  #stoppedByKernel({ message }: RunResult): void {
    this.#options.notice(`the kernel stopped: ${message ?? 'without a reason'}`);
    this.#stopAnywhere(GDB_SIGNALS.SIGTRAP);
  }

  /** Between two instructions. */
  #stopAnywhere(signal: number, thread = this.#stop.kind === 'stopped' ? this.#stop.thread : 0): void {
    this.#enter(this.#standing(thread, signal));
  }

  /** Where somebody caused it; without the reason if that is nobody whom the debugger has resumed. */
  #stopAt(cpu: Cpu, task: Task | undefined, reason: StopReason): Stop {
    return this.#stopOf(this.#threads.at(cpu, task), reason);
  }

  #stopOf(thread: number, reason: StopReason): Stop {
    const signal = GDB_SIGNALS.SIGTRAP;
    return this.#isResumed(thread) ? { kind: 'stopped', signal, thread, reason } : this.#standing(thread, signal);
  }

  /** A stop that shows this thread, if it was resumed and is still there, else another one that was. */
  #standing(thread: number, signal: number): Stop {
    if (this.#threads.over) return this.#ended;
    const shown = this.#threads.preferred(thread, this.#resumed);
    if (shown !== 0) return { kind: 'stopped', signal, thread: shown };
    const other = this.#threads.preferred(thread);
    return other === 0 ? this.#ended : { kind: 'stopped', signal, thread: other, reason: { kind: 'no-resumed' } };
  }

  #isResumed(thread: number): boolean {
    return this.#resumed?.(thread) !== false;
  }

  /** Software breakpoints: those that the debugger planted, and those that are compiled into the kernel. */
  #notified({ event, cpu, task }: DieRecord): Verdict {
    if (event !== 'breakpoint' || this.#inside) return NOTIFY_DONE;
    const { pcHi, pcLo } = cpu;
    const before = cpu.context.pcHi === pcHi && cpu.context.pcLo === pcLo;
    const owner = before ? this.#parts.machine.planted.ownerOf(joinHalves(pcHi, pcLo)) : undefined;
    // Another debugger's is for that.
    if (owner !== undefined && owner !== '' && owner !== OWNER) return NOTIFY_DONE;
    const planted = owner !== undefined;
    // A program's own is for its own debugger, as in Linux.
    if (!planted && cpu.context.mode === 'user') return NOTIFY_DONE;
    if (planted && !this.#options.stops(cpu.context.pc, this.#threads.at(cpu, task))) {
      this.#parts.machine.planted.passOver(cpu.context);
      return NOTIFY_STOP;
    }
    this.#enter(
      planted
        ? this.#stopAt(cpu, task, { kind: 'swbreak' })
        : this.#standing(this.#threads.at(cpu, task), GDB_SIGNALS.SIGTRAP),
    );
    return { reason: OWNER, detail: this };
  }

  /** `told`: what the debugger is told, if that is not how the target stands. */
  #enter(stop: Stop, told = stop): void {
    const { machine, breakpoints } = this.#parts;
    breakpoints.debugger.enter(OWNER);
    this.#gate(machine.addGate(NOBODY_RUNS));
    this.#inside = true;
    this.#interrupted = false;
    this.#stop = stop;
    this.onStop(told);
  }

  #leave(gate: ExecutionGate | undefined): void {
    const { machine, breakpoints } = this.#parts;
    this.#options.leaving();
    this.#gate(gate === undefined ? () => {} : machine.addGate(gate));
    this.#inside = false;
    breakpoints.debugger.leave();
  }

  /** One gate of the debugger's at a time, beside those of others. */
  #gate(open: () => void): void {
    this.#openGate();
    this.#openGate = open;
  }
}
