import type { Machine, SystemCallNumbers, Task } from '@hwbp/core';
import type { CaughtCalls, StopReason, SystemCallsPort } from '../rsp/target-port.js';

/** What system calls are caught with. */
export interface SystemCallsParts {
  readonly machine: Machine;
  readonly numbers: SystemCallNumbers;
  processOf(task: Task): number;
  /** The debugger is to be told. */
  stop(task: Task, reason: StopReason): void;
}

/** System calls of tasks, as a debugger catches them: by process, and by number. */
export class SystemCalls implements SystemCallsPort {
  readonly #parts: SystemCallsParts;
  readonly #caught = new Map<number, 'all' | ReadonlySet<number>>();
  /** The calls that tasks are in. */
  #begun = new WeakMap<Task, number>();
  readonly #unhook: () => void;
  #open = true;

  constructor(parts: SystemCallsParts) {
    this.#parts = parts;
    const { hooks } = parts.machine;
    const calls = hooks.systemCall.add((task, event) => (event === 'entry' ? this.#entry(task) : this.#exit(task)));
    const exec = hooks.exec.add((task) => this.#execed(task));
    this.#unhook = () => {
      calls();
      exec();
    };
  }

  catch(calls: CaughtCalls, process: number): void {
    if (calls === undefined) this.#caught.delete(process);
    else this.#caught.set(process, calls);
  }

  /** A process was made by another. */
  inherit(from: number, to: number): void {
    this.catch(this.#caught.get(from), to);
  }

  dispose(): void {
    this.#open = false;
    this.#unhook();
    this.#caught.clear();
  }

  #entry(task: Task): void {
    const number = this.#parts.numbers.number(task.context);
    this.#begun.set(task, number);
    this.#tell(task, 'syscall_entry', number);
  }

  #exit(task: Task): void {
    // One that had begun before the debugger came.
    const number = this.#begun.get(task) ?? this.#parts.numbers.number(task.context);
    this.#begun.delete(task);
    this.#tell(task, 'syscall_return', number);
  }

  /** A call that executes another program returns there, with fresh registers. */
  #execed(task: Task): void {
    const number = this.#begun.get(task);
    if (number === undefined) return;
    this.#begun.delete(task);
    if (!this.#isCaught(task, number)) return;
    task.work.push({
      perform: () => {
        if (this.#open) this.#tell(task, 'syscall_return', number);
      },
    });
  }

  #isCaught(task: Task, number: number): boolean {
    const caught = this.#caught.get(this.#parts.processOf(task));
    return caught === 'all' || caught?.has(number) === true;
  }

  #tell(task: Task, kind: 'syscall_entry' | 'syscall_return', number: number): void {
    if (this.#isCaught(task, number)) this.#parts.stop(task, { kind, number });
  }
}
