import type { SchedulerFactory } from '../../registers/index.js';
import { EVENTS, EventsScheduler } from './events-scheduler.js';
import type { PmuFactory } from './pmu.js';
import { EVENT_QUIRKS } from './quirks.js';
import { SoftwarePmu } from './software-pmu.js';

/** Facts of the environment and choices, all optional. */
export interface PerfEventsOptions {
  /** PMUs of your own, beside breakpoints and software events. */
  readonly pmus?: readonly PmuFactory[];
  /** Most overflows a second of one event (Linux: perf_event_max_sample_rate). Default 100,000. */
  readonly sampleRate?: number;
  /**
   * True: an exclusive group of breakpoints keeps other breakpoints off, and a group that finds no room keeps those behind it off in
   * that pass. Default false, as in Linux, where breakpoints count as software events.
   */
  readonly exclusiveBreakpoints?: boolean;
}

/**
 * The events engine as a kernel's scheduler: `composeKernel({ scheduler: perfEvents() })`. Breakpoints are then events among others, as
 * in Linux since 2.6.33, and the token `EVENTS` injects the engine.
 */
export function perfEvents(options: PerfEventsOptions = {}): SchedulerFactory {
  const { sampleRate = 100_000, exclusiveBreakpoints = false, pmus = [] } = options;
  if (!Number.isInteger(sampleRate) || sampleRate < 1) {
    throw new TypeError(`sampleRate is a whole number of overflows a second from 1, got ${String(sampleRate)}`);
  }
  return {
    name: 'events',
    services: [EVENTS],
    quirks: EVENT_QUIRKS,
    create: ({ machine, pmu, logger, quirks, tick }) =>
      new EventsScheduler({
        machine,
        pmu,
        logger,
        quirks,
        tick,
        sampleRate,
        breakpointKind: exclusiveBreakpoints ? 'hardware' : 'software',
        pmus: [(host) => new SoftwarePmu(host), ...pmus],
      }),
  };
}
