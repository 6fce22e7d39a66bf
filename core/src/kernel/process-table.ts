import { coreError } from '../errors/index.js';
import { AddressSpace } from '../hardware/memory/address-space.js';
import type { PhysicalMemory } from '../hardware/memory/physical-memory.js';
import type { Program } from '../programs/program.js';
import type { MachineHooks } from './machine-hooks.js';
import type { SpawnOptions } from './machine-options.js';
import { type ExitStatus, Task } from './task.js';
import type { TaskScheduler } from './task-scheduler.js';

/** How a child is made. */
export interface ForkOptions {
  /** True: a thread of the parent's process, with its memory. Default: a process with a copy. */
  readonly thread?: boolean;
  readonly pid?: number;
  /** False: it begins stopped. Default true. */
  readonly run?: boolean;
}

/** How a task is replaced. */
export interface ExecOptions {
  readonly comm?: string;
  /** As for `spawn`. */
  readonly demandZero?: boolean;
}

/** The live tasks, and how they come and go. */
export class ProcessTable {
  readonly tasks = new Map<number, Task>();
  readonly #hooks: MachineHooks;
  readonly #scheduler: TaskScheduler;
  readonly #physical: PhysicalMemory;
  #nextPid = 1;

  constructor(hooks: MachineHooks, scheduler: TaskScheduler, physical: PhysicalMemory) {
    this.#hooks = hooks;
    this.#scheduler = scheduler;
    this.#physical = physical;
  }

  spawn(program: Program, options: SpawnOptions): Task {
    const pid = this.#claimPid(options.pid);
    const affinity = options.affinity === undefined ? undefined : this.#scheduler.checkAffinity(options.affinity);
    const memory = new AddressSpace(this.#physical, { demandZero: options.demandZero ?? true });
    const task = new Task({ pid, tgid: pid, comm: options.comm ?? 'task', memory, cpu: 0 });
    task.privileged = options.privileged ?? true;
    task.uid = options.uid ?? 0;
    task.context.mode = options.mode ?? 'user';
    task.kernelThread = options.mode === 'kernel';
    task.affinity = affinity;
    task.stack.push({ program, interrupted: undefined, kind: 'main' });
    this.#admit(task, options.run ?? true);
    return task;
  }

  fork(parent: Task, program: Program, options: ForkOptions): Task {
    this.requireAlive(parent);
    const pid = this.#claimPid(options.pid);
    const thread = options.thread ?? false;
    const memory = thread ? parent.memory : parent.memory.clone();
    const child = new Task({
      pid,
      tgid: thread ? parent.tgid : pid,
      comm: parent.comm,
      parent,
      memory,
      cpu: parent.cpu,
    });
    child.privileged = parent.privileged;
    child.uid = parent.uid;
    child.affinity = parent.affinity;
    // A parent that is inside a system call: its child begins where the call returns to.
    const call = parent.stack.findLast((frame) => frame.kind === 'syscall')?.interrupted;
    const { pcHi, pcLo, mode } = call ?? parent.context;
    child.context.restore({ ...parent.context.save(), pcHi, pcLo, mode, singleStep: false, resume: false });
    for (const [signal, handler] of parent.handlers) child.handlers.set(signal, handler);
    for (const signal of parent.blocked) child.blocked.add(signal);
    child.stack.push({ program, interrupted: undefined, kind: 'main' });
    try {
      this.#hooks.fork.call(parent, child);
    } catch (error) {
      child.state = 'dead';
      this.#hooks.exit.call(child);
      throw error;
    }
    this.#admit(child, options.run ?? true);
    return child;
  }

  exec(task: Task, program: Program, options: ExecOptions): void {
    this.requireAlive(task);
    for (const other of this.threadsOf(task)) if (other !== task) this.exit(other, { signal: 'SIGKILL' });
    task.memory = new AddressSpace(this.#physical, { demandZero: options.demandZero ?? true });
    if (options.comm !== undefined) task.comm = options.comm.slice(0, 15);
    task.handlers.clear();
    task.stack.length = 0;
    task.context.restore({ pcHi: 0, pcLo: 0, mode: 'user', singleStep: false, resume: false, registers: new Map() });
    task.context.completed = undefined;
    task.stack.push({ program, interrupted: undefined, kind: 'main' });
    this.#hooks.exec.call(task);
    this.#scheduler.touch(task);
  }

  exit(task: Task, status: ExitStatus): void {
    if (!task.alive) return;
    task.exit = status;
    // Dead before the hooks run: what they do must not be undone by somebody who still takes it for alive.
    this.#scheduler.dequeue(task);
    task.state = 'dead';
    this.tasks.delete(task.pid);
    this.#hooks.exit.call(task);
    task.stack.length = 0;
    task.pending.length = 0;
    task.work.length = 0;
    this.#scheduler.touch(task);
  }

  exitGroup(task: Task, status: ExitStatus): void {
    for (const member of this.threadsOf(task)) this.exit(member, status);
  }

  /** The live tasks of a task's process. */
  threadsOf(task: Task): readonly Task[] {
    return [...this.tasks.values()].filter((other) => other.tgid === task.tgid);
  }

  requireAlive(task: Task): void {
    if (!task.alive) throw coreError('HWBP_TASK_GONE', `task ${task} has exited`, { pid: task.pid });
  }

  #claimPid(wanted: number | undefined): number {
    if (wanted !== undefined) {
      if (!Number.isInteger(wanted) || wanted < 1) throw new TypeError(`a pid is an integer from 1, got ${wanted}`);
      if (this.tasks.has(wanted)) throw new TypeError(`pid ${wanted} is taken by ${this.tasks.get(wanted)}`);
      return wanted;
    }
    while (this.tasks.has(this.#nextPid)) this.#nextPid++;
    return this.#nextPid++;
  }

  #admit(task: Task, run: boolean): void {
    this.tasks.set(task.pid, task);
    if (run) {
      this.#scheduler.enqueue(task);
      return;
    }
    task.state = 'stopped';
    this.#scheduler.park(task);
  }
}
