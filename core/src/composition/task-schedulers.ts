import { RoundRobin, type Scheduling, type SchedulingClass, type SchedulingHost } from '../kernel/index.js';
import type { Plugin } from './plugin.js';
import { provide } from './provision.js';
import { SCHEDULING, TASK_SCHEDULER } from './tokens.js';

/**
 * A scheduling class of yours, for `composeKernel({ taskScheduler: ... })`. `create` is called before there is a
 * machine: it must only store its host. `options`: what it was called with, for the report and for images.
 */
export function defineTaskScheduler(
  name: string,
  create: (host: SchedulingHost) => SchedulingClass,
  options: Readonly<Record<string, unknown>> = {},
): Plugin {
  const make = (scheduling: Scheduling): SchedulingClass => create(scheduling);
  return Object.freeze({ name, options, provides: [provide(TASK_SCHEDULER, [SCHEDULING], make)] });
}

/** The default: who has waited longest is next; a tick at which somebody waits ends a task's time. */
export function roundRobin(): Plugin {
  return defineTaskScheduler('round robin', (host) => new RoundRobin(host));
}
