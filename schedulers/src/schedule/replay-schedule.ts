import type { ImageReader, ImageValue, Plugin, SchedulingHost, Turn } from '@hwbp/core';
import { schedulerError } from '../errors.js';
import type { Decisions } from './decisions.js';
import { schedulePlugin } from './random-schedule.js';
import { type Choices, type RecordedSchedule, read } from './recorded-schedule.js';
import { RunsCursor } from './runs.js';

const NAME = 'replayed schedule';
/** Instructions of a turn behind the recorded ones. */
const BEYOND = 100;

class ReplayedDecisions implements Decisions {
  readonly #host: SchedulingHost;
  readonly #turns: RunsCursor;
  readonly #tasks: RunsCursor;
  /** The recording does not fit, or is over: from here on CPUs and tasks take turns. */
  #isOver = false;
  #latest = 0;
  /** Those that had something to do when the turn was asked for. */
  #wanting: readonly number[] = [];

  constructor(host: SchedulingHost, { cpus, turns, tasks }: Choices) {
    if (cpus !== host.cpus) {
      const message = `the recorded schedule is of a machine of ${cpus} CPU(s), this one has ${host.cpus}: compose the kernel as it was`;
      throw schedulerError('SCHEDULE_DOES_NOT_FIT', message, { cpus });
    }
    this.#host = host;
    this.#turns = new RunsCursor(turns);
    this.#tasks = new RunsCursor(tasks);
  }

  get left(): number {
    return this.#turns.left + this.#tasks.left;
  }

  turn(cpus: readonly number[]): Turn {
    this.#wanting = cpus;
    const recorded = this.#isOver ? undefined : this.#turns.next;
    if (recorded !== undefined) return { cpu: recorded[0], length: recorded[1] };
    return { cpu: cpus.find((cpu) => cpu > this.#latest) ?? (cpus[0] as number), length: BEYOND };
  }

  begin({ cpu }: Turn): void {
    this.#latest = cpu;
    if (this.#isOver) return;
    if (this.#turns.next === undefined) this.#fail(`it ends with turn ${this.#turns.at}, and somebody wants to go on`);
    else if (!this.#wanting.includes(cpu)) {
      this.#fail(`turn ${this.#turns.at + 1} was that of CPU ${cpu}, which has nothing to do`);
    } else this.#turns.advance();
  }

  task(count: number): number {
    const [index, of] = (this.#isOver ? undefined : this.#tasks.next) ?? [0, 0];
    return of === count ? index : 0;
  }

  take(_index: number, count: number): void {
    if (this.#isOver) return;
    const { next, at } = this.#tasks;
    if (next === undefined) this.#fail(`it has ${at} choices of a task, and there is one more to make`);
    else if (next[1] !== count) this.#fail(`choice ${at + 1} was one of ${next[1]} tasks, here ${count} wait`);
    else this.#tasks.advance();
  }

  draw(count: number): number {
    const index = this.task(count);
    this.take(index, count);
    return index;
  }

  preempted(): void {}

  save(): ImageValue {
    return { turns: this.#turns.at, tasks: this.#tasks.at, over: this.#isOver, latest: this.#latest };
  }

  restore(from: ImageReader): void {
    this.#turns.seek(from.field('turns').number());
    this.#tasks.seek(from.field('tasks').number());
    this.#isOver = from.field('over').flag();
    this.#latest = from.field('latest').number(0, this.#host.cpus - 1);
  }

  #fail(why: string): void {
    this.#isOver = true;
    const message = `the recorded schedule does not fit: ${why}; replay it in the composition that it is of, with the same programs`;
    this.#host.fail(message, schedulerError('SCHEDULE_DOES_NOT_FIT', message));
  }
}

/**
 * A schedule that was recorded, or its JSON: with the same composition and programs the run is the same, instruction by
 * instruction, whoever looks on. Throws EINVAL for what is no recorded schedule. Where it turns out that it does not
 * fit, `run` returns with that as its reason, and what comes then is not what was recorded (`machine.departure`).
 */
export function replaySchedule(recorded: RecordedSchedule | string): Plugin {
  const choices = read(recorded);
  const said = { turns: choices.turns.length, tasks: choices.tasks.length };
  return schedulePlugin(NAME, said, (host) => new ReplayedDecisions(host, choices));
}
