import type { ProgramState, Task } from '@hwbp/core';

/** One of them. */
export interface Run {
  readonly state: ProgramState;
  /** Whose system call it is. */
  readonly task: Task | undefined;
  kick(): void;
}

/** The KVM_RUNs of a virtual CPU, one at a time; and none at all while whoever debugs the guest has it. */
export class Runs {
  #current: Run | undefined;
  readonly #waiting: Run[] = [];
  #held = false;

  /** True while the guest's debugger has it. */
  get held(): boolean {
    return this.#held;
  }

  /** True while it has nothing to execute, or may not. */
  get asleep(): boolean {
    return this.#current?.state === 'asleep';
  }

  /** There is something to do on the virtual CPU. */
  kick(): void {
    this.#current?.kick();
  }

  /** One begins: false if it has to wait. */
  begin(run: Run): boolean {
    if (this.#held || (this.#current !== undefined && this.#current !== run)) {
      this.await(run);
      return false;
    }
    this.#current = run;
    return true;
  }

  /** One waits until the virtual CPU is its. */
  await(run: Run): void {
    this.#waiting.push(run);
  }

  /** The one that goes on has come to its end. */
  end(): void {
    this.#current = undefined;
    this.#wake();
  }

  /** A task has ended, or executes something else: a run of its goes on no more. */
  abandon(task: Task): void {
    if (this.#current?.task === task) this.end();
  }

  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#wake();
  }

  #wake(): void {
    for (const run of this.#waiting.splice(0)) run.kick();
  }
}
