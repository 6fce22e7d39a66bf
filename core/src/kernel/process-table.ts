import { checkOptions, coreError, requireKind, TEXT } from '../errors/index.js';
import { AddressSpace, type Mode, type PhysicalMemory, type SoftwareBreakpoints } from '../hardware/index.js';
import { begin, type Program, type ProgramFactory } from '../programs/index.js';
import type { ExitStatus } from './child-changes.js';
import { type FrameKind, PROGRAM_FRAME } from './frame.js';
import type { MachineHooks } from './machine-hooks.js';
import type { SpawnOptions } from './machine-options.js';
import { Process } from './process.js';
import type { SchedulingParameters } from './scheduling/scheduling-parameters.js';
import { resetHandlers } from './signal-action.js';
import { cutName, type KernelProcess, KernelTask, type KernelTaskOptions, kernelTask } from './task.js';
import { EXEC_OPTIONS, FORK_OPTIONS, MODE, SPAWN_OPTIONS } from './task-options.js';
import type { TaskScheduler } from './task-scheduler.js';

/** How a child is made. */
export interface ForkOptions {
  /** True: a thread of the parent's process, with its memory. Default: a process with a copy. */
  readonly thread?: boolean;
  readonly pid?: number;
  /** What the scheduling class is to know of it. Default: each parameter as the parent's. */
  readonly scheduling?: SchedulingParameters;
  /** False: it begins stopped. Default true. */
  readonly run?: boolean;
}

/** How a task is replaced. */
export interface ExecOptions {
  readonly comm?: string;
  /** Default: as before. */
  readonly compat?: boolean;
  /** As for `spawn`. */
  readonly demandZero?: boolean;
}

/** What a task is made of. */
interface Begun {
  readonly pid: number;
  readonly program: Program;
}

/** A task's first program: its program counter is where that begins, as far as that is known. */
function beginsWith({ stack, context }: KernelTask, program: Program): void {
  stack.push({ program, interrupted: undefined, kind: PROGRAM_FRAME });
  if (program.entry !== undefined) context.pc = program.entry;
}

/** The live tasks, and how they come and go. */
export class ProcessTable {
  readonly tasks = new Map<number, KernelTask>();
  /** Those of the live tasks, by tgid. */
  readonly #processes = new Map<number, KernelProcess>();
  readonly #hooks: MachineHooks;
  readonly #scheduler: TaskScheduler;
  readonly #touch = (task: KernelTask): void => this.#scheduler.touch(task);
  readonly #physical: PhysicalMemory;
  readonly #planted: SoftwareBreakpoints;
  #nextPid = 1;
  readonly #ended: (process: KernelProcess, status: ExitStatus) => void;

  /** `ended`: told when the last thread of a process has ended, and how. */
  constructor(
    hooks: MachineHooks,
    scheduler: TaskScheduler,
    { memory, planted }: { readonly memory: PhysicalMemory; readonly planted: SoftwareBreakpoints },
    ended: (process: KernelProcess, status: ExitStatus) => void,
  ) {
    this.#ended = ended;
    this.#hooks = hooks;
    this.#scheduler = scheduler;
    this.#physical = memory;
    this.#planted = planted;
  }

  spawn(factory: ProgramFactory, options: SpawnOptions): KernelTask {
    checkOptions('spawn', options, SPAWN_OPTIONS);
    const affinity = options.affinity === undefined ? undefined : this.#scheduler.checkAffinity(options.affinity);
    const scheduling = this.#scheduler.checkParameters(options.scheduling ?? {}, undefined);
    const memory = new AddressSpace(this.#physical, { demandZero: options.demandZero ?? true });
    const { pid, program } = this.#begin(factory, 'what a task executes', options.pid, memory);
    const process = new Process<KernelTask>(pid);
    const task = new KernelTask({ pid, tgid: pid, comm: options.comm ?? 'task', memory, cpu: 0, process }, this.#touch);
    task.privileged = options.privileged ?? true;
    task.uid = options.uid ?? 0;
    task.compat = options.compat ?? false;
    task.context.mode = options.mode ?? 'user';
    task.kernelThread = options.mode === 'kernel';
    task.affinity = affinity;
    beginsWith(task, program);
    this.#scheduler.adopt(task, scheduling);
    this.#admit(task, options.run ?? true);
    return task;
  }

  fork(parent: KernelTask, factory: ProgramFactory, options: ForkOptions): KernelTask {
    checkOptions('fork', options, FORK_OPTIONS);
    this.requireAlive(parent);
    const inherited = { ...parent.scheduling, ...options.scheduling };
    const scheduling = this.#scheduler.checkParameters(inherited, undefined);
    const { pid, program } = this.#begin(factory, 'what a child executes', options.pid);
    const thread = options.thread ?? false;
    const memory = thread ? parent.memory : parent.memory.clone();
    if (!thread) this.#planted.inherit(parent.memory, memory);
    const tgid = thread ? parent.tgid : pid;
    const process = thread ? parent.process : new Process<KernelTask>(pid, new Map(parent.handlers), parent.process);
    const { comm, cpu } = parent;
    const child = new KernelTask({ pid, tgid, comm, parent, memory, cpu, process }, this.#touch);
    child.privileged = parent.privileged;
    child.uid = parent.uid;
    child.compat = parent.compat;
    child.affinity = parent.affinity;
    // A parent that is inside a system call: its child begins where the call returns to.
    const { pcHi, pcLo, mode, singleStep: stepping } = parent.interruptedUser ?? parent.context;
    const singleStep = stepping && !parent.forcedStep;
    child.context.restore({ ...parent.context.save(), pcHi, pcLo, mode, singleStep, resume: false, stepDue: false });
    for (const signal of parent.blocked) child.blocked.add(signal);
    beginsWith(child, program);
    this.#scheduler.adopt(child, scheduling);
    try {
      this.#hooks.fork.call(parent, child);
    } catch (error) {
      child.state = 'dead';
      this.#scheduler.end(child);
      if (!thread) process.leaveParent();
      this.#hooks.exit.call(child);
      child.leave();
      if (!thread) this.#release(memory);
      throw error;
    }
    this.#admit(child, options.run ?? true);
    return child;
  }

  exec(task: KernelTask, factory: ProgramFactory, options: ExecOptions): void {
    checkOptions('exec', options, EXEC_OPTIONS);
    this.requireAlive(task);
    const space = new AddressSpace(this.#physical, { demandZero: options.demandZero ?? true });
    const program = begin(factory, 'what a task executes', {
      task: { pid: task.pid, memory: space },
      begins: true,
    });
    for (const other of this.threadsOf(task)) if (other !== task) this.#end(other, { signal: 'SIGKILL' });
    const { memory } = task;
    task.memory = space;
    if (options.comm !== undefined) task.comm = cutName(options.comm);
    task.compat = options.compat ?? task.compat;
    resetHandlers(task.handlers);
    this.#forgetPrograms(task);
    task.context.restore({ pcHi: 0, pcLo: 0, mode: 'user', singleStep: false, resume: false, registers: new Map() });
    task.context.completion = undefined;
    beginsWith(task, program);
    this.#scheduler.remapped(task);
    this.#hooks.exec.call(task);
    this.#release(memory);
    this.#scheduler.touch(task);
  }

  exit(task: KernelTask, status: ExitStatus): void {
    if (!task.alive) return;
    if (task.exiting === undefined && task.tracer?.exiting?.(task, status) === 'stop') {
      task.exiting = status;
      this.#scheduler.halt(task);
    } else {
      this.#end(task, task.exiting ?? status);
    }
  }

  #end(task: KernelTask, status: ExitStatus): void {
    task.exit = status;
    // Dead before the hooks run: what they do must not be undone by somebody who still takes it for alive.
    this.#scheduler.dequeue(task);
    task.state = 'dead';
    this.tasks.delete(task.pid);
    task.process.threads.delete(task);
    this.#hooks.exit.call(task);
    this.#forgetPrograms(task);
    task.pending.length = 0;
    task.work.clear();
    this.#scheduler.end(task);
    task.leave();
    const { process } = task;
    if (process.threads.size > 0) return;
    this.#processes.delete(process.tgid);
    this.#ended(process, process.exit ?? status);
    this.#release(task.memory);
  }

  /** Whatever a task executes does not go on, and waits for nothing. */
  #forgetPrograms(task: KernelTask): void {
    task.stack.length = 0;
    for (const sleep of [...task.sleeps]) sleep.end();
  }

  /** The kernel ends: its memory is given back, and that of those that live. */
  releaseMemory(kernelMemory: AddressSpace): void {
    for (const { memory } of this.tasks.values()) this.#release(memory);
    this.#release(kernelMemory);
  }

  /** Nobody has an address space any more. */
  #release(memory: AddressSpace): void {
    this.#planted.forget(memory);
    memory.release();
  }

  exitGroup(task: KernelTask, status: ExitStatus): void {
    task.process.exit ??= status;
    for (const member of this.threadsOf(task)) this.exit(member, status);
  }

  rename(task: KernelTask, comm: string): void {
    requireKind('comm', comm, TEXT);
    task.comm = cutName(comm);
  }

  push(task: KernelTask, factory: ProgramFactory, kind: FrameKind, mode: Mode): void {
    this.requireAlive(task);
    if (typeof kind?.end !== 'function')
      throw new TypeError('a frame has a kind: { name, end(cpu, task, interrupted) }');
    requireKind('mode', mode, MODE);
    const program = begin(factory, 'what a task executes', { task });
    task.stack.push({ program, interrupted: task.context.save(), kind });
    task.context.mode = mode;
    task.context.completion = undefined;
    this.#scheduler.touch(task);
  }

  /** The pid that comes next, unless it is taken. @settable */
  get nextPid(): number {
    return this.#nextPid;
  }

  set nextPid(pid: number) {
    this.#nextPid = pid;
  }

  /** A task of an image: on no CPU, and in no queue. */
  revive(options: KernelTaskOptions): KernelTask {
    const task = new KernelTask(options, this.#touch);
    const { process, parent } = task;
    if (parent !== undefined && parent.tgid !== task.tgid) process.belongsTo(kernelTask(parent).process);
    this.#add(task);
    return task;
  }

  /** What the live tasks of a process have together, or what the first of them will. */
  processOf(tgid: number): KernelProcess {
    return this.#processes.get(tgid) ?? new Process<KernelTask>(tgid);
  }

  /** The live tasks of a task's process. */
  threadsOf(task: KernelTask): readonly KernelTask[] {
    return [...task.process.threads];
  }

  requireAlive(task: KernelTask): void {
    if (!task.alive) throw coreError('HWBP_TASK_GONE', `task ${task} has exited`, { pid: task.pid });
  }

  /** The number of a new task, and its program. Nothing is left where that cannot be made. */
  #begin(factory: ProgramFactory, what: string, wanted: number | undefined, memory?: AddressSpace): Begun {
    const next = this.#nextPid;
    const pid = this.#claimPid(wanted);
    try {
      return { pid, program: begin(factory, what, { task: { pid, memory }, begins: true }) };
    } catch (error) {
      this.#nextPid = next;
      memory?.release();
      throw error;
    }
  }

  #claimPid(wanted: number | undefined): number {
    // The number of a process is taken as long as it has a thread, also once its first one has ended.
    const holder = (pid: number): KernelTask | undefined => this.tasks.get(pid) ?? this.#processes.get(pid)?.first;
    if (wanted !== undefined) {
      const other = holder(wanted);
      if (other !== undefined) throw new TypeError(`pid ${wanted} is taken by ${other}`);
      return wanted;
    }
    while (holder(this.#nextPid) !== undefined) this.#nextPid++;
    return this.#nextPid++;
  }

  #add(task: KernelTask): void {
    const { process } = task;
    this.tasks.set(task.pid, task);
    this.#processes.set(process.tgid, process);
    process.threads.add(task);
  }

  #admit(task: KernelTask, run: boolean): void {
    this.#add(task);
    if (run) {
      this.#scheduler.enqueue(task, 'new');
      return;
    }
    task.state = 'stopped';
    this.#scheduler.park(task, 'new');
  }
}
