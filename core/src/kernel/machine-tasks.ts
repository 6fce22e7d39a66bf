import type { ProgramFactory } from '../programs/index.js';
import { checkExit, type ExitStatus } from './child-changes.js';
import type { FrameKind } from './frame.js';
import type { MemoryLayout, SpawnOptions } from './machine-options.js';
import type { ExecOptions, ForkOptions, ProcessTable } from './process-table.js';
import type { SignalDelivery } from './signal-delivery.js';
import { checkSignal, type SignalInfo } from './signals.js';
import { kernelTask, type Task } from './task.js';
import type { TaskScheduler } from './task-scheduler.js';

/** What a machine does about tasks with. */
interface TaskParts {
  readonly processes: ProcessTable;
  readonly scheduler: TaskScheduler;
  readonly signals: SignalDelivery;
}

/** What a machine does about its tasks: they come and go, wait and are woken, and get signals. */
export abstract class MachineTasks {
  readonly layout: MemoryLayout;
  readonly #parts: TaskParts;

  constructor(parts: TaskParts, layout: MemoryLayout) {
    this.#parts = parts;
    this.layout = layout;
  }

  /** The live tasks by pid. */
  get tasks(): ReadonlyMap<number, Task> {
    return this.#parts.processes.tasks;
  }

  /** Makes a process that executes a program of this kind, from its beginning. */
  spawn(program: ProgramFactory, options: SpawnOptions = {}): Task {
    return this.#parts.processes.spawn(program, options);
  }

  /**
   * Makes a child of `parent`, with its registers and handlers: a process with a copy of the memory, or a thread that
   * shares it. If a fork hook throws, no child is left. Throws ESRCH for a dead parent.
   */
  fork(parent: Task, program: ProgramFactory, options: ForkOptions = {}): Task {
    return this.#parts.processes.fork(kernelTask(parent, 'parent'), program, options);
  }

  /**
   * Replaces what a task executes, with fresh registers, as execve does: signals that were caught have their default
   * actions, those that were ignored stay ignored (execve(2)). Its other threads end.
   */
  exec(task: Task, program: ProgramFactory, options: ExecOptions = {}): void {
    this.#parts.processes.exec(kernelTask(task), program, options);
  }

  /** Ends a task. */
  exit(task: Task, status: ExitStatus = { code: 0 }): void {
    this.#parts.processes.exit(kernelTask(task), checkExit(status));
  }

  /** Ends every thread of a task's process, as exit_group does. */
  exitGroup(task: Task, status: ExitStatus = { code: 0 }): void {
    this.#parts.processes.exitGroup(kernelTask(task), checkExit(status));
  }

  /** Gives a task another name: its first 15 characters. */
  rename(task: Task, comm: string): void {
    this.#parts.processes.rename(kernelTask(task), comm);
  }

  /** Puts a program on top of what a task executes, in a mode: `kind` says what happens when it has come to its end. */
  push(task: Task, program: ProgramFactory, kind: FrameKind, mode: 'user' | 'kernel' = 'kernel'): void {
    this.#parts.processes.push(kernelTask(task), program, kind, mode);
  }

  /** Restricts the CPUs that a task may run on; it moves at once if it must. EINVAL: none of them is online. */
  setAffinity(task: Task, cpus: Iterable<number> | undefined): void {
    const known = kernelTask(task);
    this.#parts.processes.requireAlive(known);
    known.affinity = cpus === undefined ? undefined : this.#parts.scheduler.checkAffinity(cpus);
    this.#parts.scheduler.migrate(known);
  }

  /** Lets a stopped or waiting task run. */
  wake(task: Task): void {
    this.#parts.scheduler.wake(kernelTask(task));
  }

  /** Stops a task until {@link wake}. */
  halt(task: Task): void {
    this.#parts.scheduler.halt(kernelTask(task));
  }

  /** True if a signal is pending for a task that is not blocked: it ends what the task waits for. */
  hasSignal(task: Task): boolean {
    return this.#parts.signals.isPending(kernelTask(task));
  }

  /** Makes a signal pending for a task; it is delivered when the task next runs in user mode. */
  sendSignal(task: Task, info: SignalInfo): void {
    this.#parts.signals.send(kernelTask(task), checkSignal(info));
  }

  /** Makes a signal of an exception pending: blocked or ignored, it kills (Linux: force_sig_fault). */
  forceSignal(task: Task, info: SignalInfo): void {
    this.#parts.signals.force(kernelTask(task), checkSignal(info));
  }

  /** Performs a signal's action now: handler (true), termination, stop or nothing. The tracer is not asked. */
  deliverSignal(task: Task, info: SignalInfo): boolean {
    return this.#parts.signals.act(kernelTask(task), checkSignal(info));
  }

  /** Sends the SIGSEGV of a page fault: no page, or one that does not allow the access. */
  signalPageFault(task: Task, address: bigint): void {
    this.#parts.signals.pageFault(kernelTask(task), address, this.layout.taskSize);
  }
}
