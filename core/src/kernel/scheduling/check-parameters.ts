import { kind, requireKind } from '../../errors/index.js';
import type { Task } from '../task.js';
import type { SchedulingClass } from './scheduling-class.js';
import type { SchedulingParameters } from './scheduling-parameters.js';

/** What `spawn` and `fork` take, and what is changed later: an object of a class's own fields. */
export const SCHEDULING_PARAMETERS = kind(
  "an object of the scheduling class's parameters, such as { priority: 5 }",
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

/**
 * A task's parameters as its class keeps them. Throws a TypeError that names the class and the field, and what the
 * class refuses. `of`: as for `TaskParameters.check`.
 */
export function checkParameters(
  { name, parameters }: SchedulingClass,
  given: SchedulingParameters,
  of: Task | undefined,
): SchedulingParameters {
  requireKind('scheduling', given, SCHEDULING_PARAMETERS);
  if (parameters !== undefined) return Object.freeze({ ...parameters.check(given, of) });
  const field = Object.keys(given).find((one) => given[one] !== undefined);
  if (field === undefined) return Object.freeze({});
  throw new TypeError(
    `scheduling.${field}: the scheduling class '${name}' has no parameters; compose the kernel with a taskScheduler that has '${field}', or leave it out`,
  );
}
