import type { ImageReader, ImageValue, Machine, Task } from '@hwbp/core';
import { loadStatus, saveStatus } from './tracer-image.js';
import type { WaitStatus } from './wait-status.js';

/** Stops and ends that a tracer was not told of yet, oldest first. */
export class WaitQueue {
  readonly #machine: Machine;
  #statuses: WaitStatus[] = [];
  #waiting = false;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Something happened: the machine stops if somebody waits. */
  push(status: WaitStatus): void {
    this.#statuses.push(status);
    if (this.#waiting) this.#machine.stop('a tracee stopped');
  }

  /** Takes the oldest, of a task or of anybody. */
  poll(task?: Task): WaitStatus | undefined {
    const at = this.#statuses.findIndex((status) => task === undefined || status.task === task);
    return at < 0 ? undefined : this.#statuses.splice(at, 1)[0];
  }

  /** The same; lets the machine run until there is one, nothing can run, or `budget` instructions have passed. */
  wait(task: Task | undefined, budget: number): WaitStatus | undefined {
    let left = budget;
    for (;;) {
      const status = this.poll(task);
      if (status !== undefined || left <= 0) return status;
      this.#waiting = true;
      let instructions: number;
      let reason: string;
      try {
        ({ instructions, reason } = this.#machine.run(left));
      } finally {
        this.#waiting = false;
      }
      left -= Math.max(instructions, 1);
      if (reason !== 'stopped') left = 0;
    }
  }

  /** Nobody wants to know of a task any more. */
  forget(task: Task): void {
    this.#statuses = this.#statuses.filter((status) => status.task !== task);
  }

  /** What is in it, as an image has it. */
  save(): ImageValue {
    return this.#statuses.map(saveStatus);
  }

  restore(from: ImageReader): void {
    this.#statuses = from.list().map((one) => loadStatus(one, this.#machine));
  }

  clear(): void {
    this.#statuses = [];
  }
}
