import { type AddressSpace, Context, type ResumePoint, type SavedContext } from '../hardware/index.js';
import type { Sleep } from '../programs/index.js';
import type { ExitStatus } from './child-changes.js';
import type { Frame } from './frame.js';
import type { Process } from './process.js';
import type { SchedulingParameters } from './scheduling/scheduling-parameters.js';
import type { SignalActions } from './signal-action.js';
import type { SignalInfo, SignalName } from './signals.js';
import { BlockedSignals, TaskWork } from './task-work.js';

/**
 * `running`: on a CPU or waiting for one. `stopped`: by a tracer or SIGSTOP. `waiting`: its program is starved or
 * asleep. `dead`: has exited; the object stays as long as somebody holds it.
 */
export type TaskRunState = 'running' | 'stopped' | 'waiting' | 'dead';

/**
 * Whoever traces a task is asked before a signal is delivered to it. Declared here, implemented by a ptrace consumer.
 */
export interface Tracer {
  /** A signal is about to be delivered. `stop`: the task stops and the tracer keeps the signal. */
  signal(task: Task, info: SignalInfo): 'deliver' | 'stop';
  /** The task stops with its whole process, for this signal. */
  groupStop?(task: Task, signal: SignalName): void;
  /** SIGCONT was sent to its process, which is no longer stopped. The tracer decides whether the task goes on. */
  continued?(task: Task): void;
  /** It makes a system call. `stop`: it stops before that does anything. `emulate`: likewise, and nothing is done. */
  systemCallEntry?(task: Task): 'go' | 'stop' | 'emulate';
  /** A system call returns to user mode. `stop`: it stops there. */
  systemCallExit?(task: Task): 'go' | 'stop';
  /** It is about to end. `stop`: it stops first, and ends when it is woken. */
  exiting?(task: Task, exit: ExitStatus): 'go' | 'stop';
}

/** A schedulable thread, as everybody but the kernel sees it. Tasks of one `tgid` are one process. */
export interface Task {
  readonly pid: number;
  readonly tgid: number;
  /** Name, at most 15 characters, as Linux cuts it. */
  readonly comm: string;
  /**
   * Who made it, or another thread of that process once that one has ended; `undefined`: there is none left (Linux:
   * real_parent, without an init that would adopt it), or it has ended itself.
   */
  readonly parent: Task | undefined;
  readonly memory: AddressSpace;
  readonly context: Context;
  readonly state: TaskRunState;
  readonly exit: ExitStatus | undefined;
  /** The signal that has stopped its process as a whole; `undefined`: that goes on. */
  readonly stoppedBy: SignalName | undefined;
  /** CPUs it may run on; `undefined`: any. */
  readonly affinity: ReadonlySet<number> | undefined;
  /** CPU whose queue it is in. */
  readonly cpu: number;
  /** True between switch-in and switch-out. */
  readonly onCpu: boolean;
  /** Instructions that it has retired. */
  readonly instructions: number;
  /** What the scheduling class knows of it; `SCHEDULING` changes it. */
  readonly scheduling: SchedulingParameters;
  /** Made to run in kernel mode for good. */
  readonly kernelThread: boolean;
  /**
   * It executes 32-bit instructions on a 64-bit kernel (Linux: a compat task), where the architecture knows that: its
   * children do too. @settable
   */
  compat: boolean;
  /** True if the caller may do what root may (CAP_SYS_ADMIN). @settable */
  privileged: boolean;
  /** Who it runs as: without privilege it may only reach tasks of the same number. @settable */
  uid: number;
  /** Programs, the running one last. */
  readonly stack: readonly Frame[];
  /** What it waits for, in the words of whoever made that; `undefined`: nothing. */
  readonly waitsFor: string | undefined;
  readonly pending: SignalInfo[];
  /**
   * Signals that stay pending: they are not delivered until they are taken out of this set, or out of {@link pending}.
   */
  readonly blocked: Set<SignalName>;
  /** Done, the latest first, before the task next executes in user mode and before its signals are delivered. */
  readonly work: TaskWork;
  /** What its process does with signals: threads of one process have them together. */
  readonly handlers: SignalActions;
  /** Whoever traces it. @settable */
  tracer: Tracer | undefined;
  /**
   * Its single step is its tracer's: nothing that the program makes of itself, such as a child, gets it (Linux:
   * TIF_FORCED_TF). @settable
   */
  forcedStep: boolean;
  /** True unless the task has exited. */
  readonly alive: boolean;
  /** Where user mode goes on: inside a system call, what it returns to. A debugger reads and changes this one. */
  readonly resumePoint: ResumePoint;
  /** `comm-pid`, as the kernel's messages name a task. */
  toString(): string;
}

/** How a task is made. */
export interface KernelTaskOptions {
  readonly pid: number;
  readonly tgid: number;
  readonly comm: string;
  readonly parent?: Task;
  readonly memory: AddressSpace;
  readonly cpu: number;
  /** What it is a thread of. */
  readonly process: KernelProcess;
}

/** What a task waits in. */
export interface TaskQueue {
  remove(task: KernelTask): void;
}

const NO_PARAMETERS: SchedulingParameters = Object.freeze({});

/** What the threads of one process have together. */
export type KernelProcess = Process<KernelTask>;

/** What a child knows of who made it: the task while that lives, and then its process. */
interface Parenthood {
  task: KernelTask | undefined;
  readonly process: KernelProcess;
}

/** A task as the kernel itself has it: the only one who writes these fields. */
export class KernelTask implements Task {
  readonly pid: number;
  readonly tgid: number;
  comm: string;
  /** What its children know of it: themselves they keep no task that is dead. */
  readonly #asParent: Parenthood;
  #maker: Parenthood | undefined;
  memory: AddressSpace;
  readonly context = new Context();
  state: TaskRunState = 'running';
  exit: ExitStatus | undefined;
  affinity: ReadonlySet<number> | undefined;
  cpu: number;
  onCpu = false;
  instructions = 0;
  /** Instructions of interrupt handlers that have come in the middle of it. */
  interrupted = 0;
  kernelThread = false;
  compat = false;
  privileged = true;
  uid = 0;
  readonly stack: Frame[] = [];
  /** Waits that its programs are in, the latest last. */
  readonly sleeps: Sleep[] = [];
  readonly pending: SignalInfo[] = [];
  readonly blocked: BlockedSignals;
  readonly work: TaskWork;
  readonly process: KernelProcess;
  tracer: Tracer | undefined;
  #stopSignal: SignalName | undefined;
  /** How it ends once it goes on: its tracer has stopped it on the way. */
  exiting: ExitStatus | undefined;
  /** Where it waits, and between whom: the run queue alone writes these. */
  queue: TaskQueue | undefined;
  before: KernelTask | undefined;
  behind: KernelTask | undefined;
  /** Slots of `TaskState`. */
  readonly states: unknown[] = [];
  scheduling: SchedulingParameters = NO_PARAMETERS;
  /** What the scheduling class keeps with it. */
  readonly entities: unknown[] = [];

  /** `changed`: what it executes has to hand over, for something else is to be done first. */
  constructor(options: KernelTaskOptions, changed: (task: KernelTask) => void) {
    this.blocked = new BlockedSignals(() => changed(this));
    this.work = new TaskWork(() => changed(this));
    this.pid = options.pid;
    this.tgid = options.tgid;
    this.comm = cutName(options.comm);
    this.process = options.process;
    this.#asParent = { task: this, process: options.process };
    if (options.parent !== undefined) this.#maker = kernelTask(options.parent).#asParent;
    this.memory = options.memory;
    this.cpu = options.cpu;
  }

  get parent(): Task | undefined {
    const parent = this.#maker?.task ?? this.#maker?.process.first;
    return parent === this ? undefined : parent;
  }

  /**
   * It has ended, and is nobody's child any more. Its children are those of the first other thread of its process;
   * without one they are nobody's.
   */
  leave(): void {
    this.#maker = undefined;
    this.#asParent.task = undefined;
    this.stopSignal = undefined;
  }

  /** What it is to stop for, with its process, when it comes to where it can. @settable */
  get stopSignal(): SignalName | undefined {
    return this.#stopSignal;
  }

  set stopSignal(signal: SignalName | undefined) {
    this.#stopSignal = signal;
    if (signal === undefined) this.process.stopping.delete(this);
    else this.process.stopping.add(this);
  }

  get waitsFor(): string | undefined {
    return this.sleeps.at(-1)?.what;
  }

  get handlers(): SignalActions {
    return this.process.handlers;
  }

  get forcedStep(): boolean {
    return this.context.forcedStep;
  }

  set forcedStep(forced: boolean) {
    this.context.forcedStep = forced;
  }

  get stoppedBy(): SignalName | undefined {
    return this.process.stopped;
  }

  get alive(): boolean {
    return this.state !== 'dead';
  }

  get resumePoint(): ResumePoint {
    return this.interruptedUser ?? this.context;
  }

  /** Of a task that is in kernel mode on behalf of its program: where user mode goes on. */
  get interruptedUser(): SavedContext | undefined {
    if (this.context.mode === 'user') return undefined;
    return this.stack.findLast(({ interrupted }) => interrupted?.mode === 'user')?.interrupted;
  }

  toString(): string {
    return `${this.comm}-${this.pid}`;
  }
}

/** A name as Linux keeps it: 15 characters. */
export function cutName(comm: string): string {
  return comm.slice(0, 15);
}

/** True for a task of any kernel. */
export function isTask(value: unknown): value is Task {
  return value instanceof KernelTask;
}

/** Throws a TypeError that names the argument for anything but a task, such as a pid. */
export function checkTask(value: unknown, argument = 'task'): void {
  if (isTask(value)) return;
  const got = typeof value === 'object' ? 'another object' : `${typeof value} ${String(value)}`;
  throw new TypeError(`${argument} is a task, as machine.spawn returns it, got ${got}; machine.tasks has them by pid`);
}

/** The kernel's own view of a task; checked as by {@link checkTask}. */
export function kernelTask(task: Task, argument?: string): KernelTask {
  checkTask(task, argument);
  return task as KernelTask;
}
