import {
  checkTask,
  Disposables,
  type HardwareDebugInfo,
  type HardwareDebugRequest,
  type Machine,
  SI_CODES,
  type SignalInfo,
  type SignalName,
  type Task,
} from '@hwbp/core';
import { checkAttachable, requireOpen } from './check-attachable.js';
import { type DebugFacets, DebugRequests } from './debug-requests.js';
import { ptraceError } from './errors.js';
import type { TraceOptions } from './options.js';
import { Tracee } from './tracee.js';
import { peekMemory, pokeMemory } from './tracee-memory.js';
import { UserWords } from './user-words.js';
import type { WaitStatus } from './wait-status.js';

/** What a tracer works with. */
export interface TracerParts extends DebugFacets {
  readonly machine: Machine;
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
export class Tracer {
  readonly name: string;
  readonly #parts: TracerParts;
  readonly #tracees = new Map<Task, Tracee>();
  readonly #queue: WaitStatus[] = [];
  readonly #words: UserWords;
  readonly #requests: DebugRequests;
  readonly #closed: () => void;
  #waiting = false;
  #open = true;

  /** Use `ptrace.tracer()`. */
  constructor(name: string, parts: TracerParts, closed: () => void) {
    this.name = name;
    this.#parts = parts;
    this.#words = new UserWords(parts.area, parts.debug);
    this.#requests = new DebugRequests(parts);
    this.#closed = closed;
  }

  // --- attaching ---

  /** The tasks that this tracer traces. */
  get tracees(): readonly Task[] {
    return [...this.#tracees.keys()];
  }

  /** PTRACE_ATTACH: the task becomes a tracee and stops with SIGSTOP; `wait` says when. EPERM if somebody traces it. */
  attach(task: Task, options: TraceOptions = {}): void {
    this.#adopt(task, options);
    if (task.state === 'stopped') this.#stopped(task, { si_signo: 'SIGSTOP', si_code: SI_CODES.SI_USER });
    else this.#parts.machine.sendSignal(task, { si_signo: 'SIGSTOP', si_code: SI_CODES.SI_USER });
  }

  /** PTRACE_SEIZE, or PTRACE_TRACEME seen from the tracer: the task becomes a tracee and goes on as it was. */
  seize(task: Task, options: TraceOptions = {}): void {
    this.#adopt(task, options);
  }

  /** PTRACE_SETOPTIONS. */
  setOptions(task: Task, options: TraceOptions): void {
    this.#stoppedTracee(task).options = options;
  }

  /** PTRACE_DETACH: goes on untraced, with `signal` if given. The architecture decides over debug registers. */
  detach(task: Task, signal?: SignalName): void {
    const tracee = this.#stoppedTracee(task);
    this.#release(tracee);
    this.#go(tracee, signal, false);
  }

  /** The tracer's process ends: its tracees are killed (exitKill) or go on untraced, armed or not as after a detach. */
  close(): void {
    for (const tracee of [...this.#tracees.values()]) {
      this.#release(tracee);
      if (tracee.options.exitKill === true) this.#parts.machine.exitGroup(tracee.task, { signal: 'SIGKILL' });
      else if (tracee.stop !== undefined) this.#go(tracee, undefined, false);
    }
    this.#queue.length = 0;
    this.#open = false;
    this.#closed();
  }

  // --- running ---

  /** PTRACE_CONT: goes on; `signal` is delivered first, without asking again. */
  cont(task: Task, signal?: SignalName): void {
    this.#go(this.#stoppedTracee(task), signal, false);
  }

  /** PTRACE_SINGLESTEP: goes on for one instruction. */
  singleStep(task: Task, signal?: SignalName): void {
    this.#go(this.#stoppedTracee(task), signal, true);
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
    let left = budget;
    for (;;) {
      const status = this.poll(task);
      if (status !== undefined || left <= 0 || this.#tracees.size === 0) return status;
      this.#waiting = true;
      let instructions: number;
      let reason: string;
      try {
        ({ instructions, reason } = this.#parts.machine.run(left));
      } finally {
        this.#waiting = false;
      }
      left -= Math.max(instructions, 1);
      if (reason !== 'stopped') left = 0;
    }
  }

  /** waitpid with WNOHANG. */
  poll(task?: Task): WaitStatus | undefined {
    if (task !== undefined) checkTask(task);
    if (!this.#parts.live()) requireOpen(this.name, this.#open);
    const at = this.#queue.findIndex((status) => task === undefined || status.task === task);
    if (at < 0) return undefined;
    const [status] = this.#queue.splice(at, 1);
    return status;
  }

  // --- looking and changing ---

  /** PTRACE_GETSIGINFO: the signal that the tracee stopped for. */
  getSigInfo(task: Task): SignalInfo {
    const { stop } = this.#stoppedTracee(task);
    if (stop?.kind === 'signal') return stop.info;
    throw ptraceError('PTRACE_NO_SIGINFO', `task ${task} did not stop for a signal`, { pid: task.pid });
  }

  /** PTRACE_PEEKUSER: the word at an offset of `struct user`. EIO outside or between words. */
  peekUser(task: Task, offset: number): bigint {
    this.#stoppedTracee(task);
    return this.#words.peek(task, offset);
  }

  /** PTRACE_POKEUSER. EIO for words that hold nothing; of debug registers what the architecture refuses. */
  pokeUser(task: Task, offset: number, value: bigint): void {
    this.#stoppedTracee(task);
    this.#words.poke(task, offset, value);
  }

  /** The offset of a debug register in `struct user`. EIO where they are no part of it. */
  debugOffset(register: number): number {
    return this.#words.debugOffset(register);
  }

  /** PTRACE_GET_DEBUGREG, where debug registers are no words of `struct user`; EIO elsewhere. */
  getDebugReg(task: Task, register: number): bigint {
    this.#stoppedTracee(task);
    return this.#requests.getDebugReg(task, register);
  }

  /** PTRACE_SET_DEBUGREG, likewise; what the architecture refuses. */
  setDebugReg(task: Task, register: number, value: bigint): void {
    this.#stoppedTracee(task);
    this.#requests.setDebugReg(task, register, value);
  }

  /** PPC_PTRACE_GETHWDBGINFO: what the hardware can do. EIO without hardware debug requests. */
  getHwDebugInfo(task: Task): HardwareDebugInfo {
    this.#stoppedTracee(task);
    return this.#requests.info();
  }

  /** PPC_PTRACE_SETHWDEBUG: a handle, 1 or more. EIO without such requests; what the architecture refuses. */
  setHwDebug(task: Task, request: HardwareDebugRequest): number {
    this.#stoppedTracee(task);
    return this.#requests.set(task, request);
  }

  /** PPC_PTRACE_DELHWDEBUG: takes back what a handle stands for. EINVAL, ENOENT. */
  delHwDebug(task: Task, handle: number | bigint): void {
    this.#stoppedTracee(task);
    this.#requests.remove(task, handle);
  }

  /** PTRACE_GETREGS: every general register by name. */
  getRegs(task: Task): Record<string, bigint> {
    this.#stoppedTracee(task);
    return this.#words.getRegs(task);
  }

  /** PTRACE_SETREGS: writes the registers that are given. EIO, and nothing written, if one has no such name. */
  setRegs(task: Task, registers: Readonly<Record<string, bigint>>): void {
    this.#stoppedTracee(task);
    this.#words.setRegs(task, registers);
  }

  /** PTRACE_PEEKDATA, of any length: memory, which no debug register sees. EIO where nothing is mapped. */
  peekData(task: Task, address: bigint, length: number = this.#words.area.wordSize): Uint8Array {
    this.#stoppedTracee(task);
    return peekMemory(task, address, length);
  }

  /** PTRACE_POKEDATA, of any length: all bytes or none, read-only pages too. EIO where nothing is mapped. */
  pokeData(task: Task, address: bigint, bytes: Uint8Array): void {
    this.#stoppedTracee(task);
    pokeMemory(task, address, bytes);
  }

  // --- private ---

  #adopt(task: Task, options: TraceOptions): void {
    const { owners, machine } = this.#parts;
    checkAttachable(task, this.name, this.#open, owners.get(task)?.name);
    const { hooks } = machine;
    const followed = new Disposables();
    followed.add(
      hooks.exit.add((gone) => gone === task && this.#gone(task)),
      hooks.exec.add((execed) => execed === task && this.#execed(task)),
      hooks.fork.add((parent, child) => parent === task && this.#forked(task, child)),
    );
    const tracee = new Tracee(task, options, followed);
    this.#tracees.set(task, tracee);
    owners.set(task, this);
    task.tracer = {
      signal: (_task, info) => {
        this.#stopped(task, info);
        return 'stop';
      },
    };
  }

  /** The task is no longer a tracee; its debug registers follow the architecture's rule. */
  #release(tracee: Tracee): void {
    const { task } = tracee;
    this.#forget(tracee);
    if (tracee.stepping) task.resumePoint.singleStep = false;
    this.#parts.debug.tracerGone(task);
  }

  #forget(tracee: Tracee): void {
    const { task } = tracee;
    tracee.followed[Symbol.dispose]();
    task.tracer = undefined;
    this.#tracees.delete(task);
    this.#parts.owners.delete(task);
    const left = this.#queue.filter((status) => status.task !== task);
    this.#queue.splice(0, this.#queue.length, ...left);
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

  #stoppedTracee(task: Task): Tracee {
    const tracee = this.#tracee(task);
    if (tracee.stop !== undefined) return tracee;
    throw ptraceError('PTRACE_NOT_STOPPED', `task ${task} is running; wait for its next stop first`, { pid: task.pid });
  }

  #go(tracee: Tracee, signal: SignalName | undefined, step: boolean): void {
    const { machine } = this.#parts;
    const { task, stop } = tracee;
    tracee.stop = undefined;
    // Awake before the signal acts, for it may be one that stops the task again.
    if (task.state === 'stopped') machine.wake(task);
    if (signal !== undefined) {
      const original = stop?.kind === 'signal' && stop.info.si_signo === signal ? stop.info : undefined;
      const info = original ?? { si_signo: signal, si_code: SI_CODES.SI_USER };
      machine.deliverSignal(task, info);
      if (task.state !== 'running' && this.#tracees.get(task) === tracee) this.#stopped(task, info);
    }
    // After the signal: what its handler returns to does not step.
    if (!step || task.state !== 'running') return;
    const { resumePoint } = task;
    tracee.stepping = !resumePoint.singleStep;
    resumePoint.singleStep = true;
  }

  #stopped(task: Task, info: SignalInfo): void {
    this.#report({ kind: 'signal', task, info });
  }

  #report(status: WaitStatus): void {
    const tracee = this.#tracees.get(status.task);
    if (tracee !== undefined) {
      tracee.stop = status;
      // What a debugger reads while the task is stopped are the program's own flags.
      if (tracee.stepping) status.task.resumePoint.singleStep = false;
      tracee.stepping = false;
    }
    this.#queue.push(status);
    if (this.#waiting) this.#parts.machine.stop('a tracee stopped');
  }

  #event(status: Extract<WaitStatus, { kind: 'event' }>): void {
    this.#report(status);
    this.#parts.machine.halt(status.task);
  }

  #execed(task: Task): void {
    if (this.#tracees.get(task)?.options.traceExec === true) this.#event({ kind: 'event', task, event: 'exec' });
    else this.#parts.machine.sendSignal(task, { si_signo: 'SIGTRAP', si_code: SI_CODES.SI_USER });
  }

  #forked(task: Task, child: Task): void {
    const event = child.tgid === task.tgid ? 'clone' : 'fork';
    const options = this.#tracees.get(task)?.options ?? {};
    if ((event === 'fork' ? options.traceFork : options.traceClone) !== true) return;
    this.#adopt(child, options);
    this.#parts.machine.sendSignal(child, { si_signo: 'SIGSTOP', si_code: SI_CODES.SI_USER });
    this.#event({ kind: 'event', task, event, child });
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
