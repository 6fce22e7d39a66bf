import type { Task } from '@hwbp/core';
import { StepError, textArgument } from '../format/arguments.js';
import type { Step } from '../format/script.js';

/**
 * The tasks of a script by name, as the recorder sees them: it learns that one has ended when it next deals with it.
 */
export class Tasks {
  readonly #named = new Map<string, Task>();
  /** Those that the recorder takes for its tracees. */
  readonly #traced = new Set<Task>();
  /** Those that it takes for alive. */
  readonly #live = new Set<Task>();

  /** How many there have been. */
  get size(): number {
    return this.#named.size;
  }

  /** Adds one that is traced. */
  adopt(name: string, task: Task): void {
    this.#named.set(name, task);
    this.#live.add(task);
    this.#traced.add(task);
  }

  find(name: string): Task | undefined {
    return this.#named.get(name);
  }

  /** The task of a name. Throws a StepError if there is none. */
  named(step: Step, name: string): Task {
    const found = this.#named.get(name);
    if (found === undefined) throw new StepError(`op ${step.op}: there is no task ${name}`);
    return found;
  }

  /** The task that a step names. */
  of(step: Step): Task {
    return this.named(step, textArgument(step, 'task'));
  }

  /** The name of the task that has this pid: the latest of those that had it. */
  nameOf(pid: number): string | undefined {
    return [...this.#named].findLast(([, task]) => task.pid === pid)?.[0];
  }

  *traced(): Generator<readonly [string, Task]> {
    for (const named of this.#named) if (this.#traced.has(named[1])) yield named;
  }

  *live(): Generator<readonly [string, Task]> {
    for (const named of this.#named) if (this.#live.has(named[1])) yield named;
  }

  attached(task: Task): void {
    this.#traced.add(task);
  }

  detached(task: Task): void {
    this.#traced.delete(task);
  }

  ended(task: Task): void {
    this.#traced.delete(task);
    this.#live.delete(task);
  }
}
