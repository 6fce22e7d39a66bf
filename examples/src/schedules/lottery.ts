import {
  type Admits,
  defineTaskScheduler,
  type Plugin,
  type Random,
  type SchedulingClass,
  type SchedulingHost,
  type SchedulingParameters,
  type Task,
} from '@hwbp/core';

declare module '@hwbp/core' {
  interface SchedulingParameters {
    /** Of `lottery()`: chances to be drawn, from 1 to 1000. Default 1. */
    readonly tickets?: number;
  }
}

/** Who is next is drawn: a task of twice the tickets has twice the chance (Waldspurger and Weihl, OSDI 1994). */
class Lottery implements SchedulingClass {
  readonly name = 'lottery';
  readonly #host: SchedulingHost;
  readonly #random: Random;

  constructor(host: SchedulingHost) {
    this.#host = host;
    this.#random = host.random('lottery');
  }

  place(task: Task): number {
    return this.#host.idlest(task);
  }

  pick(cpu: number, admits: Admits): Task | undefined {
    const waiting = [...this.#host.waiting(cpu)].filter(admits);
    const tickets = waiting.reduce((sum, task) => sum + (task.scheduling.tickets ?? 1), 0);
    // What is drawn is the same as often as somebody asks, until it is taken.
    let drawn = Math.floor((this.#random.upcoming / 2 ** 32) * tickets);
    return waiting.find((task) => {
      drawn -= task.scheduling.tickets ?? 1;
      return drawn < 0;
    });
  }

  dequeue(_task: Task, _cpu: number, why: string): void {
    if (why === 'runs') this.#random.next();
  }

  tick(cpu: number): boolean {
    return this.#host.waiting(cpu).length > 0;
  }

  preempts(): boolean {
    return false;
  }

  /* Nothing else needs to be known: the host has who waits, the kernel who runs, and a task its tickets. */
  enqueue(): void {}
  halt(): void {}
  exit(): void {}

  readonly parameters = {
    check: (given: SchedulingParameters): SchedulingParameters => {
      const { tickets = 1, ...unknown } = given;
      const [field] = Object.keys(unknown);
      if (field !== undefined)
        throw new TypeError(`scheduling.${field}: 'lottery' has no such parameter; it has tickets`);
      if (Number.isInteger(tickets) && tickets >= 1 && tickets <= 1000) return { tickets };
      throw new TypeError(`scheduling.tickets of 'lottery' is a whole number from 1 to 1000, got ${tickets}`);
    },
    // A task's parameters are kept with it.
    set: (): void => {},
  };
}

export const lottery = (): Plugin => defineTaskScheduler('lottery', (host) => new Lottery(host));
