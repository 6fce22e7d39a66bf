import type { ImageReader, ImageValue } from '../../image/index.js';
import type { Random } from '../../random/index.js';
import type { Task } from '../task.js';
import type { SchedulingParameters } from './scheduling-parameters.js';
import type { TurnOrder } from './turn-order.js';

/**
 * Why a task waits for a CPU. `new`: it was made. `woken`: it slept, or was stopped. `moved`: it has come from another
 * CPU. `expired`: it ran, until the class said at a tick that its time is over. `preempted`: it ran, until somebody
 * came who goes before it, or until a gate made it give way. `yielded`: it ran, and has given up the rest of its time.
 * `displaced`: it ran, and its CPU goes away for a time: it is the next one there. `changed`: its parameters are
 * others. `restored`: it waited when an image was made.
 */
export type EnqueueReason =
  | 'new'
  | 'woken'
  | 'moved'
  | 'expired'
  | 'preempted'
  | 'yielded'
  | 'displaced'
  | 'changed'
  | 'restored';

/** Why a task does not wait for a CPU any more. `runs`: it is on it. `halts`: it was stopped, or has ended. */
export type DequeueReason = 'runs' | 'halts' | 'moves' | 'changes';

/** Why a task needs a CPU. */
export type PlaceReason = 'new' | 'woken' | 'moved';

/** Says whether a task may be picked now: while a debugger is in control not everybody may. */
export type Admits = (task: Task) => boolean;

/** Nobody is in control, and everybody may be picked: a class is given this function itself then. */
export const EVERYBODY: Admits = () => true;

/** For `enqueue` and `dequeue` of a class to whom the host's list says all that it needs: they are not called then. */
export const NOTHING = (): void => {};

/**
 * The policy by which tasks get CPUs: who is next, for how long, and where. What a context switch is, who may run at
 * all, sleep, signals, affinity, gates and CPUs that come and go are the kernel's.
 *
 * For authors. The kernel tells of every task and CPU what it has done, by number of the CPU, and asks. It checks what
 * is answered: an answer that cannot be is reported to the kernel's error channel with the name of the class, and so is
 * what a method throws; the kernel then does what round robin would, and goes on. A method must not call the machine,
 * and must not depend on anything but what it was told and what its host says: no clock, no random number but the
 * host's.
 */
export interface SchedulingClass {
  readonly name: string;

  /** The CPU that a task is to wait for, of those that `host.allows`. */
  place(task: Task, why: PlaceReason): number;

  /** From now on a task waits for a CPU. */
  enqueue(task: Task, cpu: number, why: EnqueueReason): void;

  /** It does so no more. */
  dequeue(task: Task, cpu: number, why: DequeueReason): void;

  /**
   * Who runs next of those that wait for a CPU and are admitted; `undefined` only if there is none. Changes nothing:
   * the kernel asks also to tell others, and says with {@link dequeue} whom it takes.
   */
  pick(cpu: number, admits: Admits): Task | undefined;

  /** A task that ran does not want to any more: it sleeps, was stopped, or has ended. */
  halt(task: Task, cpu: number): void;

  /** True if a task that has just begun to wait for a CPU is to run there at once, instead of the one that does. */
  preempts(task: Task, running: Task, cpu: number): boolean;

  /** A CPU's timer has ticked: true if the time of the task that it runs is over. */
  tick(cpu: number, running: Task | undefined): boolean;

  /** A task has ended: nothing needs to be known of it any more. Called for every task, wherever it was. */
  exit(task: Task): void;

  /**
   * A task that ran, and wants to go on, makes room for whoever is next, which may be itself: what `enqueue(previous,
   * cpu, why)`, `pick(cpu, EVERYBODY)` and `dequeue(next, cpu, 'runs')` do, in one call. Almost every context switch is
   * this one, which is why a class may have a shorter way for it; without it the kernel calls the three.
   */
  exchange?(previous: Task, cpu: number, why: EnqueueReason): Task | undefined;

  /** Parameters of tasks. Without it there are none, and a task that is given some is refused. */
  readonly parameters?: TaskParameters;
  /** Moving tasks that wait to CPUs that have less to do. Without it they move only when they are placed. */
  readonly balancing?: Balancing;
  /** In which order CPUs execute. Without it: by number, a quantum each. */
  readonly turns?: TurnOrder;
  /** What an image has to have of the class. Without it: all that it knows follows from who waits in which order. */
  readonly image?: SchedulingImage;
}

/** Parameters of tasks, as a scheduling class understands them. */
export interface TaskParameters {
  /**
   * The parameters as the class keeps them, complete. Changes nothing. Throws a TypeError that names the class and the
   * field for what is none of its, or of a wrong kind or range, and a KernelError for what cannot be granted. `of`:
   * whose parameters they will be; `undefined`: of a task that is being made.
   */
  check(given: SchedulingParameters, of: Task | undefined): SchedulingParameters;
  /** A task, which does not wait, has these from now on: what `check` has returned. */
  set(task: Task, parameters: SchedulingParameters): void;
}

/** Moving tasks that wait. */
export interface Balancing {
  /**
   * A task that waits for another CPU and is to wait for this one; `undefined`: none. Asked when a CPU has nobody to
   * run (`idle`), and at its ticks, until the answer is `undefined`. It must be admitted, and this CPU allowed to it.
   */
  pull(cpu: number, why: 'idle' | 'tick', admits: Admits): Task | undefined;
}

/** A class in an image of its kernel. */
export interface SchedulingImage {
  /**
   * What it takes to go on from here, beside the parameters of tasks and who waits for which CPU in which order. No
   * task is on a CPU. `tasks`: all of them, those that sleep included.
   */
  save(tasks: readonly Task[]): ImageValue;
  /** The way back: every task has its parameters, and waits where it did. Throws EINVAL for what is none. */
  restore(from: ImageReader, taskOf: (pid: ImageReader) => Task): void;
}

/** What a scheduling class is given to work with. */
export interface SchedulingHost {
  /** CPUs of the machine, online or not: their numbers are the whole numbers below this. */
  readonly cpus: number;
  /** Nanoseconds between the ticks of a CPU. */
  readonly tick: number;
  /** Nanoseconds of a CPU's clock, which stands still while nothing executes there. */
  now(cpu: number): number;
  /** Those that wait for a CPU, by how long they do. */
  waiting(cpu: number): WaitingTasks;
  /** The task that a CPU runs, and that wants to go on; `undefined`: none. */
  running(cpu: number): Task | undefined;
  /** True if a task may run on a CPU: it is online, and the task's affinity does not exclude it. */
  allows(task: Task, cpu: number): boolean;
  /** The allowed CPU with the fewest tasks, running or waiting; of equals the lowest. */
  idlest(task: Task): number;
  /** Something that is kept with every task, made on first use, and gone with the task. */
  perTask<T extends object>(create: (task: Task) => T): PerTask<T>;
  /** The composition's random numbers, by the name of their user: images have where they are. */
  random(name: string): Random;
  /**
   * The class cannot go on as it should: `run` returns with this as its reason, once the instruction in progress is
   * over, and the run has left its schedule (`machine.departure`).
   */
  fail(message: string, detail?: unknown): void;
}

/** Those that wait for one CPU. */
export interface WaitingTasks extends Iterable<Task> {
  readonly length: number;
  /** The one that has waited longest of those that are admitted. */
  first(admits?: Admits): Task | undefined;
}

/** What is kept with every task. */
export interface PerTask<T extends object> {
  get(task: Task): T;
}
