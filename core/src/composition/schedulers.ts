import { checkOptions, FLAG, FUNCTION, type Kind, kind } from '../errors/index.js';
import type { Logger, Machine } from '../kernel/index.js';
import type { QuirkSet } from '../quirks/index.js';
import type { HandlerErrors, Registers } from '../registers/index.js';
import { DirectScheduler } from '../scheduling/direct/index.js';
import { EVENT_QUIRKS, EventsScheduler, type PmuFactory, SoftwarePmu } from '../scheduling/events/index.js';
import type { BreakpointScheduler } from '../scheduling/index.js';
import { invalidOption } from './composition-error.js';
import type { Plugin } from './plugin.js';
import { provide } from './provision.js';
import type { Settings } from './settings.js';
import {
  BREAKPOINT_SCHEDULER,
  EVENTS,
  HANDLER_ERRORS,
  LOGGER,
  MACHINE,
  QUIRKS,
  REGISTERS,
  SETTINGS,
} from './tokens.js';

/** What a breakpoint scheduler is made from. */
export interface SchedulerParts {
  readonly machine: Machine;
  readonly registers: Registers;
  readonly errors: HandlerErrors;
  readonly logger: Logger;
  readonly quirks: QuirkSet;
  /** Nanoseconds between the ticks of a CPU. */
  readonly tick: number;
}

const PARTS = [MACHINE, REGISTERS, HANDLER_ERRORS, LOGGER, QUIRKS, SETTINGS] as const;

/** A breakpoint scheduler of yours, for `composeKernel({ breakpointScheduler: ... })`. */
export function defineScheduler(name: string, create: (parts: SchedulerParts) => BreakpointScheduler): Plugin {
  const make = (
    machine: Machine,
    registers: Registers,
    errors: HandlerErrors,
    logger: Logger,
    quirks: QuirkSet,
    { tick }: Settings,
  ): BreakpointScheduler => create({ machine, registers, errors, logger, quirks, tick });
  return Object.freeze({ name, provides: [provide(BREAKPOINT_SCHEDULER, PARTS, make)] });
}

/** The default: registers follow tasks, and nothing more. */
export function directScheduler(): Plugin {
  return defineScheduler('direct', ({ machine, registers, logger }) => new DirectScheduler(machine, registers, logger));
}

/** Facts of the environment and choices, all optional. */
export interface PerfEventsOptions {
  /** PMUs of your own, beside breakpoints and software events. */
  readonly pmus?: readonly PmuFactory[];
  /** Most overflows a second of one event (Linux: perf_event_max_sample_rate). Default 100,000. */
  readonly sampleRate?: number;
  /**
   * True: an exclusive group of breakpoints keeps other breakpoints off, and a group that finds no room keeps those
   * behind it off in that pass. Default false, as in Linux, where breakpoints count as software events.
   */
  readonly exclusiveBreakpoints?: boolean;
  /**
   * True: while a guest is on a CPU the host's events there are scheduled out, and their running time stands still:
   * what was hoped for in 2009. Default false, as Linux does: breakpoints are muted, and count as running.
   */
  readonly excludeGuests?: boolean;
}

const EVENTS_OPTIONS: Readonly<Record<keyof PerfEventsOptions, Kind>> = {
  pmus: kind(
    'a list of functions that make a PMU',
    (value) => Array.isArray(value) && value.every((one) => FUNCTION.is(one)),
  ),
  sampleRate: kind(
    'a whole number of overflows a second from 1',
    (value) => Number.isInteger(value) && (value as number) >= 1,
  ),
  exclusiveBreakpoints: FLAG,
  excludeGuests: FLAG,
};

/**
 * The events engine as a kernel's breakpoint scheduler. Breakpoints are then events among others, as in Linux since
 * 2.6.33, and the token `EVENTS` injects the engine.
 */
export function perfEvents(options: PerfEventsOptions = {}): Plugin {
  checkOptions('perfEvents', options, EVENTS_OPTIONS, invalidOption);
  const { sampleRate = 100_000, exclusiveBreakpoints = false, excludeGuests = false, pmus = [] } = options;
  const create = (parts: SchedulerParts): EventsScheduler =>
    new EventsScheduler({
      ...parts,
      sampleRate,
      excludeGuests,
      breakpointKind: exclusiveBreakpoints ? 'hardware' : 'software',
      pmus: [(host) => new SoftwarePmu(host), ...pmus],
    });
  const scheduler = defineScheduler('events', create);
  return Object.freeze({
    ...scheduler,
    provides: [
      ...(scheduler.provides ?? []),
      provide(EVENTS, [BREAKPOINT_SCHEDULER], (made: BreakpointScheduler) => (made as EventsScheduler).events),
    ],
    quirks: EVENT_QUIRKS,
    options: { sampleRate, exclusiveBreakpoints, excludeGuests, pmus: pmus.length },
  });
}
