import {
  checkTask,
  type ImageReader,
  type ImageValue,
  SI_CODES,
  SIGNALS,
  type SignalInfo,
  type SignalName,
  type SingleStep,
  type Task,
} from '@hwbp/core';
import { checkAttachable, requireOpen } from './check-attachable.js';
import type { DebugFacets } from './debug-requests.js';
import { ptraceError } from './errors.js';
import { eventStop, Following } from './following.js';
import { LookingRequests } from './looking-requests.js';
import type { TraceOptions } from './options.js';
import { type Stepping, steppingOf } from './stepping.js';
import type { Adoption, Resumption, Tracee } from './tracee.js';
import { adoptionOf, loadTracee, saveTracee, taskOf } from './tracer-image.js';
import { WaitQueue } from './wait-queue.js';
import type { WaitStatus } from './wait-status.js';

/** What a tracer works with. */
export interface TracerParts extends DebugFacets {
  /** The CPUs can single-step. */
  readonly steps: boolean;
  /** How tracees step; `undefined`: by a flag. */
  readonly singleStep: SingleStep | undefined;
  readonly owners: Map<Task, Tracer>;
  /** False once ptrace was stopped. */
  live(): boolean;
}

/** Instructions that `wait` lets the machine execute by default before it gives up. */
const DEFAULT_BUDGET = 10_000_000;

/**
 * One debugger: the requests of ptrace(2) and waitpid(2), on tasks instead of pids. Everything is per thread, as in
 * Linux. Requests that need a stopped tracee throw ESRCH if it runs or belongs to somebody else.
 */
export class Tracer extends LookingRequests {
  readonly name: string;
  readonly #parts: TracerParts;
  readonly #tracees = new Map<Task, Tracee>();
  readonly #queue: WaitQueue;
  readonly #following: Following;
  readonly #stepping: Stepping;
  readonly #closed: () => void;
  #open = true;

  /** Use `ptrace.tracer()`. */
  constructor(name: string, parts: TracerParts, closed: () => void) {
    super(parts);
    this.name = name;
    this.#parts = parts;
    this.#closed = closed;
    this.#queue = new WaitQueue(parts.machine);
    this.#stepping = steppingOf(parts.singleStep);
    this.#following = new Following({
      machine: parts.machine,
      tracee: (task) => this.#tracees.get(task),
      adopt: (task, adoption, options) => this.#adopt(task, adoption, options),
      report: (status) => this.#report(status),
      gone: (task) => this.#gone(task),
    });
  }

  // --- attaching ---

  /** The tasks that this tracer traces. */
  get tracees(): readonly Task[] {
    return [...this.#tracees.keys()];
  }

  /** PTRACE_ATTACH: the task becomes a tracee and stops with SIGSTOP; `wait` says when. EPERM if somebody traces it. */
  attach(task: Task, options: TraceOptions = {}): void {
    this.#adopt(task, 'attached', options);
    const info = { si_signo: 'SIGSTOP', si_code: SI_CODES.SI_USER } as const;
    if (task.state === 'stopped') this.#report({ kind: 'signal', task, info });
    else this.#parts.machine.sendSignal(task, info);
  }

  /** PTRACE_TRACEME, seen from the tracer: the task becomes a tracee as by {@link attach}, and goes on as it was. */
  traceMe(task: Task, options: TraceOptions = {}): void {
    this.#adopt(task, 'attached', options);
  }

  /**
   * PTRACE_SEIZE: the task becomes a tracee and goes on as it was. Its group stops, {@link interrupt} and the first
   * stop of its children are PTRACE_EVENT_STOP. EPERM if somebody traces it.
   */
  seize(task: Task, options: TraceOptions = {}): void {
    this.#adopt(task, 'seized', options);
    if (task.state === 'stopped' && task.stoppedBy !== undefined) this.#report(eventStop(task, task.stoppedBy));
  }

  /** PTRACE_SETOPTIONS. */
  setOptions(task: Task, options: TraceOptions): void {
    this.stoppedTracee(task).options = options;
  }

  /**
   * PTRACE_DETACH: goes on untraced, with `signal` if given, unless its process is stopped. The architecture decides
   * over debug registers.
   */
  detach(task: Task, signal?: SignalName): void {
    const tracee = this.stoppedTracee(task);
    this.#release(tracee);
    this.#go(tracee, signal, 'cont');
  }

  /** The tracer's process ends: its tracees are killed (exitKill) or go on untraced, armed or not as after a detach. */
  close(): void {
    for (const tracee of [...this.#tracees.values()]) {
      this.#release(tracee);
      if (tracee.options.exitKill === true) this.#parts.machine.exitGroup(tracee.task, { signal: 'SIGKILL' });
      else if (tracee.stop !== undefined || tracee.listening) this.#go(tracee, undefined, 'cont');
    }
    this.#queue.clear();
    this.#open = false;
    this.#closed();
  }

  // --- running ---

  /** PTRACE_CONT: goes on; `signal` is delivered first, without asking again. */
  cont(task: Task, signal?: SignalName): void {
    this.#go(this.stoppedTracee(task), signal, 'cont');
  }

  /** PTRACE_SINGLESTEP: goes on for one instruction, or to the first of the handler of `signal`. */
  singleStep(task: Task, signal?: SignalName): void {
    this.#go(this.#steppable(task, 'PTRACE_SINGLESTEP'), signal, 'step');
  }

  /** PTRACE_SYSCALL: goes on up to where a system call begins, or where it has come to its end. */
  syscall(task: Task, signal?: SignalName): void {
    this.#go(this.stoppedTracee(task), signal, 'syscall');
  }

  /** PTRACE_SYSEMU: goes on up to where a system call begins, which then does not happen. */
  sysemu(task: Task, signal?: SignalName): void {
    this.#go(this.stoppedTracee(task), signal, 'sysemu');
  }

  /** PTRACE_SYSEMU_SINGLESTEP: likewise, and for one instruction if that is none. */
  sysemuSingleStep(task: Task, signal?: SignalName): void {
    this.#go(this.#steppable(task, 'PTRACE_SYSEMU_SINGLESTEP'), signal, 'sysemu-step');
  }

  /** A tracee that is stopped. EIO where CPUs cannot single-step (Linux: no arch_has_single_step). */
  #steppable(task: Task, request: string): Tracee {
    const tracee = this.stoppedTracee(task);
    if (this.#parts.steps) return tracee;
    const message = `this CPU cannot single-step, so there is no ${request}; plant a trap instruction (PTRACE_POKETEXT) instead`;
    throw ptraceError('PTRACE_NO_REQUEST', message, { request });
  }

  /** PTRACE_INTERRUPT: a tracee that was seized stops where it is. EIO for others. */
  interrupt(task: Task): void {
    const tracee = this.#tracee(task);
    this.#requireSeized(tracee, 'PTRACE_INTERRUPT');
    if (tracee.listening) {
      tracee.listening = false;
      this.#report(eventStop(task, task.stoppedBy));
    } else if (tracee.stop !== undefined) {
      tracee.trapped = true;
    } else {
      this.#following.trap(tracee);
    }
  }

  /**
   * PTRACE_LISTEN: a tracee that was seized stays in PTRACE_EVENT_STOP, and the tracer waits for what comes: SIGCONT
   * for its process. EIO in any other stop.
   */
  listen(task: Task): void {
    const tracee = this.stoppedTracee(task);
    this.#requireSeized(tracee, 'PTRACE_LISTEN');
    if (tracee.stop?.kind !== 'signal' || tracee.stop.event !== 'stop') {
      throw ptraceError('PTRACE_NO_EVENT_STOP', `task ${task} is not in PTRACE_EVENT_STOP: let it go on instead`);
    }
    tracee.stop = undefined;
    tracee.listening = true;
    if (!tracee.trapped) return;
    tracee.trapped = false;
    this.#following.continued(tracee);
  }

  /** PTRACE_KILL, and SIGKILL in general: ends its whole process; works on a running tracee too. */
  kill(task: Task): void {
    this.#tracee(task);
    this.#parts.machine.exitGroup(task, { signal: 'SIGKILL' });
  }

  /**
   * waitpid: the oldest stop or end that was not yet reported, of `task` or of any tracee. Lets the machine run until
   * there is one; `undefined` if there is no tracee, nothing can run, or `budget` instructions pass without one.
   */
  wait(task?: Task, budget = DEFAULT_BUDGET): WaitStatus | undefined {
    const status = this.poll(task);
    if (status !== undefined || this.#tracees.size === 0) return status;
    return this.#queue.wait(task, budget);
  }

  /** waitpid with WNOHANG. */
  poll(task?: Task): WaitStatus | undefined {
    if (task !== undefined) checkTask(task);
    if (!this.#parts.live()) requireOpen(this.name, this.#open);
    return this.#queue.poll(task);
  }

  // --- images ---

  /** @internal What an image has of it. */
  save(): ImageValue {
    const { hibernation } = this.#parts.machine;
    for (const task of this.#tracees.keys()) hibernation.speakFor(task);
    return { name: this.name, tracees: [...this.#tracees.values()].map(saveTracee), queue: this.#queue.save() };
  }

  /** @internal The way back, of one that has no tracees. */
  restore(from: ImageReader): void {
    const { machine } = this.#parts;
    for (const one of from.field('tracees').list()) {
      const { adoption, options } = adoptionOf(one);
      loadTracee(this.#adopt(taskOf(one.field('pid'), machine), adoption, options), one, machine);
    }
    this.#queue.restore(from.field('queue'));
  }

  // --- private ---

  #adopt(task: Task, adoption: Adoption, options: TraceOptions): Tracee {
    const { owners } = this.#parts;
    checkAttachable(task, this.name, this.#open, owners.get(task)?.name);
    const tracee = this.#following.follow(task, adoption, options);
    this.#tracees.set(task, tracee);
    owners.set(task, this);
    return tracee;
  }

  /** The task is no longer a tracee; its debug registers follow the architecture's rule. */
  #release(tracee: Tracee): void {
    const { task } = tracee;
    this.#forget(tracee);
    this.#stepping.end(tracee, true);
    this.#parts.debug.tracerGone(task);
  }

  #forget(tracee: Tracee): void {
    const { task } = tracee;
    tracee.followed[Symbol.dispose]();
    task.tracer = undefined;
    this.#tracees.delete(task);
    this.#parts.owners.delete(task);
    this.#queue.forget(task);
  }

  #tracee(task: Task): Tracee {
    checkTask(task);
    const tracee = this.#tracees.get(task);
    if (tracee !== undefined) return tracee;
    requireOpen(this.name, this.#open);
    throw ptraceError('PTRACE_NOT_STOPPED', `task ${task} is no tracee of ${this.name}; attach first`, {
      pid: task.pid,
    });
  }

  protected override stoppedTracee(task: Task): Tracee {
    const tracee = this.#tracee(task);
    if (tracee.stop !== undefined) return tracee;
    throw ptraceError('PTRACE_NOT_STOPPED', `task ${task} is running; wait for its next stop first`, { pid: task.pid });
  }

  #requireSeized({ adoption, task }: Tracee, request: string): void {
    if (adoption === 'seized') return;
    throw ptraceError('PTRACE_NOT_SEIZED', `${request} is for tracees that were seized, and task ${task} was not`);
  }

  #go(tracee: Tracee, signal: SignalName | undefined, how: Resumption): void {
    const { machine } = this.#parts;
    const { task, stop } = tracee;
    const step = how === 'step' || how === 'sysemu-step';
    tracee.stop = undefined;
    tracee.listening = false;
    tracee.resumption = how;
    const traced = this.#tracees.get(task) === tracee;
    // Awake before the signal acts, for it may be one that stops the task again.
    if (task.state === 'stopped' && (traced || task.stoppedBy === undefined)) machine.wake(task);
    this.#following.leaveExec(tracee);
    if (signal !== undefined && this.#inject(tracee, signal, stop) && step) {
      // The step ends where the handler begins (Linux: signal_delivered).
      const info: SignalInfo = { si_signo: 'SIGTRAP', si_code: SIGNALS.SIGTRAP, si_pid: task.pid };
      this.#report({ kind: 'signal', task, info });
      machine.halt(task);
    }
    if (tracee.trapped && traced && tracee.stop === undefined) this.#following.trap(tracee);
    this.#stepping.go(tracee, step);
  }

  /** A signal is delivered without asking again, unless it is blocked. True: a handler was entered. */
  #inject(tracee: Tracee, signal: SignalName, stop: WaitStatus | undefined): boolean {
    const { machine } = this.#parts;
    const { task } = tracee;
    const original =
      stop?.kind === 'signal' && stop.event === undefined && stop.info.si_signo === signal ? stop.info : undefined;
    const info = original ?? { si_signo: signal, si_code: SI_CODES.SI_USER };
    // Behind a system call it is sent like any other (Linux: ptrace_report_syscall).
    const inCall = stop?.kind === 'signal' && (stop.event === 'entry' || stop.event === 'exit');
    if (inCall || task.blocked.has(signal)) {
      machine.sendSignal(task, info);
      return false;
    }
    return machine.deliverSignal(task, info);
  }

  #report(status: WaitStatus): void {
    const tracee = this.#tracees.get(status.task);
    if (tracee !== undefined) {
      tracee.stop = status;
      // What a debugger reads while the task is stopped are the program's own flags.
      this.#stepping.end(tracee, false);
    }
    this.#queue.push(status);
  }

  #gone(task: Task): void {
    const tracee = this.#tracees.get(task);
    if (tracee === undefined) return;
    this.#forget(tracee);
    const exit = task.exit ?? { code: 0 };
    this.#report(
      'code' in exit ? { kind: 'exited', task, code: exit.code } : { kind: 'killed', task, signal: exit.signal },
    );
  }
}
