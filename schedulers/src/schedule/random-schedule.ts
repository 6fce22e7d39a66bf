import {
  checkOptions,
  defineTaskScheduler,
  type ImageReader,
  type ImageValue,
  type Kind,
  kind,
  type Plugin,
  provide,
  type Random,
  type SchedulingClass,
  type SchedulingHost,
  TASK_SCHEDULER,
  type Turn,
  wholeNumber,
} from '@hwbp/core';
import type { Decisions } from './decisions.js';
import { SCHEDULE, ScheduleClass } from './schedule.js';

/** How chance schedules, all optional. */
export interface RandomScheduleOptions {
  /**
   * Most preemptions: turns that end although their task wants to go on, and somebody else could. Few are enough for
   * most races, and are the easier to understand (context bounding, as CHESS and PCT do it). Behind the last one a turn
   * lasts until its CPU has nothing to do, or `patience` instructions. Default: no bound.
   */
  readonly preemptions?: number;
  /** Instructions of the longest turn that ends in a preemption; each length from 1 on is as likely. Default 100. */
  readonly longest?: number;
  /**
   * Instructions behind which a turn ends once the preemptions are used up: somebody may wait in a loop. Default
   * 10,000.
   */
  readonly patience?: number;
}

const NAME = 'random schedule';

const OPTIONS: Readonly<Record<keyof RandomScheduleOptions, Kind>> = {
  preemptions: kind(
    'a whole number from 0, or Infinity',
    (value) => value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && (value as number) >= 0),
  ),
  longest: wholeNumber(1, 2 ** 31),
  patience: wholeNumber(1, 2 ** 31),
};

class RandomDecisions implements Decisions {
  readonly #cpus: Random;
  readonly #lengths: Random;
  readonly #tasks: Random;
  readonly #options: Required<RandomScheduleOptions>;
  #preemptions = 0;
  readonly left = 0;

  constructor(host: SchedulingHost, options: Required<RandomScheduleOptions>) {
    this.#cpus = host.random('schedule: cpus');
    this.#lengths = host.random('schedule: lengths');
    this.#tasks = host.random('schedule: tasks');
    this.#options = options;
  }

  turn(cpus: readonly number[]): Turn {
    const { preemptions, longest, patience } = this.#options;
    const cpu = cpus[upcoming(this.#cpus, cpus.length)] as number;
    return { cpu, length: this.#preemptions < preemptions ? 1 + upcoming(this.#lengths, longest) : patience };
  }

  begin(): void {
    this.#cpus.next();
    this.#lengths.next();
  }

  task(count: number): number {
    return upcoming(this.#tasks, count);
  }

  take(): void {
    this.#tasks.next();
  }

  draw(count: number): number {
    return chosen(this.#tasks.next(), count);
  }

  preempted(): void {
    this.#preemptions++;
  }

  save(): ImageValue {
    return this.#preemptions;
  }

  restore(from: ImageReader): void {
    this.#preemptions = from.number();
  }
}

/** The next choice of a stream, of `count`: asking does not move it. */
function upcoming(stream: Random, count: number): number {
  return chosen(stream.upcoming, count);
}

/** The choice that a number of 32 bits is, of `count`. None is likelier by more than 2 ** -32 times them. */
function chosen(number: number, count: number): number {
  return ((number / 2 ** 32) * count) | 0;
}

/**
 * A schedule by chance, which the composition's `seed` decides: which CPU executes, for how many instructions, and
 * which of its tasks. Every choice is recorded, see `SCHEDULE`.
 */
export function randomSchedule(options: RandomScheduleOptions = {}): Plugin {
  checkOptions('randomSchedule', options, OPTIONS);
  const { preemptions = Number.POSITIVE_INFINITY, longest = 100, patience = 10_000 } = options;
  const all = { preemptions, longest, patience };
  return schedulePlugin(NAME, { ...options }, (host) => new RandomDecisions(host, all));
}

/** A schedule that is data, as a plugin. */
export function schedulePlugin(
  name: string,
  options: Readonly<Record<string, unknown>>,
  decide: (host: SchedulingHost) => Decisions,
): Plugin {
  const made = defineTaskScheduler(name, (host) => new ScheduleClass(name, host, decide(host)), options);
  const schedule = provide(SCHEDULE, [TASK_SCHEDULER], (one: SchedulingClass) => one as ScheduleClass);
  return Object.freeze({ ...made, provides: [...(made.provides ?? []), schedule] });
}
