import { Disposables, type Machine, type Task } from '@hwbp/core';
import type { ProcessEvent, ProcessesPort } from '../rsp/target-port.js';
import { FIRST_PROCESS } from '../rsp/thread-id.js';

/** Of a task that the debugger has let go of. */
export const NOBODYS = 0;

/** What is told of processes. */
export interface ProcessEvents {
  /** A process was made, and is one of its own to the debugger from now on. False: it cannot be told of that now. */
  forked(parent: Task, child: Task, from: number, to: number): boolean;
  /** Another program is executed. */
  execed(task: Task, process: number): void;
  /** The last task of one of several has ended. */
  ended(task: Task, process: number): void;
  /** The debugger has let go of one of several. */
  detached(process: number): void;
}

/**
 * Processes as a debugger has them whose threads are tasks: the first one is everything that there is when it comes,
 * and what begins later; each fork that it follows makes another, numbered as in the kernel unless that is taken.
 */
export class Processes implements ProcessesPort {
  readonly events = ['fork', 'exec'] as const;
  readonly #machine: Machine;
  readonly #told: ProcessEvents;
  readonly #hooks = new Disposables();
  readonly #debugged = new Set([FIRST_PROCESS]);
  /** By tgid; of all others it is {@link #others}. */
  readonly #numbers = new Map<number, number>();
  #others = FIRST_PROCESS;
  #followed: ReadonlySet<ProcessEvent> = new Set();

  constructor(machine: Machine, told: ProcessEvents) {
    this.#machine = machine;
    this.#told = told;
    const { hooks } = machine;
    this.#hooks.add(
      // Behind those who may refuse it.
      hooks.fork.add((parent, child) => this.#forked(parent, child), { last: true }),
      hooks.exec.add((task) => {
        if (this.has(task) && this.#followed.has('exec')) told.execed(task, this.ofTask(task));
      }),
      hooks.exit.add((task) => this.#ended(task), { last: true }),
    );
  }

  dispose(): void {
    this.#hooks[Symbol.dispose]();
  }

  follow(events: ReadonlySet<ProcessEvent>): void {
    this.#followed = events;
  }

  list(): readonly number[] {
    return [...this.#debugged].sort((a, b) => a - b);
  }

  of(thread: number): number {
    const task = this.#machine.tasks.get(thread);
    return task === undefined ? NOBODYS : this.ofTask(task);
  }

  /** The process of a task; 0: the debugger has let go of it. */
  ofTask({ tgid }: Task): number {
    return this.#numbers.get(tgid) ?? this.#others;
  }

  /** True for the tasks that are threads to the debugger. */
  has(task: Task): boolean {
    return this.ofTask(task) !== NOBODYS;
  }

  detach(process: number): void {
    this.#forget(process);
    for (const [tgid, number] of this.#numbers) if (number === process) this.#numbers.set(tgid, NOBODYS);
    this.#told.detached(process);
  }

  /** The debugger has it no longer. */
  #forget(process: number): void {
    this.#debugged.delete(process);
    if (this.#others === process) this.#others = NOBODYS;
  }

  #forked(parent: Task, child: Task): void {
    if (child.tgid === parent.tgid) return;
    const from = this.ofTask(parent);
    this.#numbers.set(child.tgid, from);
    if (from === NOBODYS || !this.#followed.has('fork')) return;
    const to = this.#free(child.tgid);
    this.#numbers.set(child.tgid, to);
    this.#debugged.add(to);
    if (this.#told.forked(parent, child, from, to)) return;
    this.#debugged.delete(to);
    this.#numbers.set(child.tgid, from);
  }

  /** The kernel's number of a process, or the next one that the debugger has not got. */
  #free(tgid: number): number {
    let number = tgid;
    while (this.#debugged.has(number)) number++;
    return number;
  }

  #ended(task: Task): void {
    const process = this.ofTask(task);
    const left = [...this.#machine.tasks.values()];
    if (!left.some(({ tgid }) => tgid === task.tgid)) this.#numbers.delete(task.tgid);
    // Where nothing is left at all, the target has come to its end.
    if (left.length === 0 || !this.#debugged.has(process)) return;
    if (left.some((other) => this.ofTask(other) === process)) return;
    if (this.#debugged.size > 1) this.#forget(process);
    this.#told.ended(task, process);
  }
}
