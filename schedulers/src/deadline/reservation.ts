import { type Kind, kind, type SchedulingParameters, type Task } from '@hwbp/core';
import { schedulerError } from '../errors.js';
import { checkFields } from '../parameters.js';

/** What a task has asked for, in nanoseconds. */
export interface Reservation {
  readonly runtime: number;
  readonly deadline: number;
  readonly period: number;
}

/** Nanoseconds of the shortest run time that can be asked for (sched(7)). */
const LEAST_RUNTIME = 1024;

const TIME: Kind = kind(
  `a whole number of nanoseconds from ${LEAST_RUNTIME}`,
  (value) => Number.isSafeInteger(value) && (value as number) >= LEAST_RUNTIME,
);
const PARAMETERS: Readonly<Record<string, Kind>> = { runtime: TIME, deadline: TIME, period: TIME };

/** The share of one CPU that a reservation takes. */
function shareOf({ runtime, period }: Reservation): number {
  return runtime / period;
}

/** The reservation in checked parameters; `undefined`: none, the task runs in the background. */
export function reservationOf({ runtime, deadline, period }: SchedulingParameters): Reservation | undefined {
  if (runtime === undefined || deadline === undefined || period === undefined) return undefined;
  return { runtime, deadline, period };
}

/** Parameters, complete. Throws a TypeError that names the class and the field. */
export function complete(owner: string, given: SchedulingParameters): SchedulingParameters {
  checkFields(owner, given, PARAMETERS);
  const { runtime } = given;
  const deadline = given.deadline ?? given.period;
  const period = given.period ?? deadline;
  if (runtime === undefined && deadline === undefined) return {};
  if (runtime === undefined || deadline === undefined || period === undefined) {
    const missing = runtime === undefined ? 'runtime' : 'period';
    throw new TypeError(
      `scheduling.${missing} of the scheduling class '${owner}' is missing: { runtime, period }, or { runtime, deadline, period }`,
    );
  }
  if (runtime > deadline || deadline > period) {
    throw new TypeError(
      `scheduling of the scheduling class '${owner}' has runtime <= deadline <= period, got ${runtime}, ${deadline} and ${period}`,
    );
  }
  return { runtime, deadline, period };
}

/** Whose time is promised: no more than there is. */
export class Admission {
  readonly #capacity: number;
  readonly #shares = new Map<Task, number>();
  #total = 0;

  /** `capacity`: CPUs that may be promised, as a number of them. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** CPUs that are promised. */
  get total(): number {
    return this.#total;
  }

  /** Throws EBUSY for more than there is. `of`: whose share this one replaces. */
  check(reservation: Reservation, of: Task | undefined): void {
    const share = shareOf(reservation);
    const others = this.#total - (of === undefined ? 0 : (this.#shares.get(of) ?? 0));
    // What was added and taken away again is not quite what it was.
    if (others + share <= this.#capacity + 1e-9) return;
    const has = `${(100 * others).toFixed(1)} % of ${(100 * this.#capacity).toFixed(1)} % are promised`;
    throw schedulerError(
      'DEADLINE_NO_BANDWIDTH',
      `${(100 * share).toFixed(1)} % of a CPU cannot be promised: ${has}; ask for a shorter runtime or a longer period, end another task, or compose more CPUs`,
      { share, promised: others, capacity: this.#capacity },
    );
  }

  set(task: Task, reservation: Reservation | undefined): void {
    const share = reservation === undefined ? 0 : shareOf(reservation);
    if (share === 0) this.#shares.delete(task);
    else this.#shares.set(task, share);
    this.#total = 0;
    for (const one of this.#shares.values()) this.#total += one;
  }
}

export const UTILISATION: Kind = kind(
  'a share of each CPU from above 0 to 1',
  (value) => typeof value === 'number' && value > 0 && value <= 1,
);
