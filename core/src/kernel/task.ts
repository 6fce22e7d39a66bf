import { Context, type ResumePoint, type SavedContext } from '../hardware/context.js';
import type { AddressSpace } from '../hardware/memory/address-space.js';
import type { Program } from '../programs/program.js';
import type { SignalInfo, SignalName } from './signals.js';

/**
 * `running`: on a CPU or waiting for one. `stopped`: by a tracer or SIGSTOP. `waiting`: its program is starved.
 * `dead`: has exited; the object stays as long as somebody holds it.
 */
export type TaskRunState = 'running' | 'stopped' | 'waiting' | 'dead';

/** How a task ended. */
export type ExitStatus = { readonly code: number } | { readonly signal: SignalName };

/** What a handler of a signal runs: a program for each delivery, in user mode. */
export type SignalHandler = (info: SignalInfo) => Program;

/** Whoever traces a task is asked before a signal is delivered to it. Declared here, implemented by a ptrace consumer. */
export interface Tracer {
  /** A signal is about to be delivered. `stop`: the task stops and the tracer keeps the signal. */
  signal(task: Task, info: SignalInfo): 'deliver' | 'stop';
}

/** One program on a task's stack, with the context that it interrupted. */
export interface Frame {
  readonly program: Program;
  readonly interrupted: SavedContext | undefined;
  /** `syscall`: the architecture is told when it ends. */
  readonly kind: 'main' | 'syscall' | 'signal';
}

/** A schedulable thread. Tasks of one `tgid` are one process. */
export class Task {
  readonly pid: number;
  readonly tgid: number;
  /** Name, at most 15 characters, as Linux cuts it. */
  comm: string;
  readonly parent: Task | undefined;
  memory: AddressSpace;
  readonly context = new Context();
  state: TaskRunState = 'running';
  exit: ExitStatus | undefined;
  /** CPUs it may run on; `undefined`: any. */
  affinity: ReadonlySet<number> | undefined;
  /** CPU whose queue it is in. */
  cpu: number;
  /** True between switch-in and switch-out. */
  onCpu = false;
  /** Made to run in kernel mode for good. */
  kernelThread = false;
  /** True if the caller may do what root may (CAP_SYS_ADMIN). */
  privileged = true;
  /** Who it runs as: without privilege it may only reach tasks of the same number. */
  uid = 0;
  /** Programs, the running one last. */
  readonly stack: Frame[] = [];
  readonly pending: SignalInfo[] = [];
  /** Signals that stay pending: they are not delivered until they are taken out of this set, or out of {@link pending}. */
  readonly blocked = new Set<SignalName>();
  /** Done, the latest first, before the task next executes in user mode and before its signals are delivered. */
  readonly work: (() => void)[] = [];
  readonly handlers = new Map<SignalName, SignalHandler | 'ignore'>();
  tracer: Tracer | undefined;
  /** Slots of `TaskState`. */
  readonly states: unknown[] = [];

  /** Use `machine.spawn` or `machine.fork`. */
  constructor(options: { pid: number; tgid: number; comm: string; parent?: Task; memory: AddressSpace; cpu: number }) {
    this.pid = options.pid;
    this.tgid = options.tgid;
    this.comm = options.comm.slice(0, 15);
    this.parent = options.parent;
    this.memory = options.memory;
    this.cpu = options.cpu;
  }

  /** True unless the task has exited. */
  get alive(): boolean {
    return this.state !== 'dead';
  }

  /** Where user mode goes on: inside a system call, what it returns to. A debugger reads and changes this one. */
  get resumePoint(): ResumePoint {
    if (this.context.mode === 'user') return this.context;
    return this.stack.findLast(({ kind }) => kind === 'syscall')?.interrupted ?? this.context;
  }

  /** `comm-pid`, as the kernel's messages name a task. */
  toString(): string {
    return `${this.comm}-${this.pid}`;
  }
}
