import { composeKernel, flexible, linuxSlotPolicy, type PmuHost, perfEvents, type SlotPolicyPlugin } from '@hwbp/core';
import { CountingPmu } from './counting-pmu.js';
import type { Compared } from './event-check.js';
import type { Room } from './event-model/cpu.js';
import { EventsModel } from './event-model/model.js';
import { poolOf } from './event-refusals.js';
import { type EventSetup, EventsProbe } from './event-setup.js';
import type { Faults } from './faults.js';

const POLICIES: Readonly<Record<EventSetup['accounting'], SlotPolicyPlugin>> = {
  linux: linuxSlotPolicy(),
  flexible: flexible(),
};
/** What a counter counts, by its config. */
const COUNTERS = ['instructions', 'accesses'];

/** Composes a kernel and the model beside it. `threw`: is told what handlers threw. */
export function composeCompared(setup: EventSetup, faults: Faults, threw: (error: unknown) => void): Compared {
  const { accounting, exclusiveBreakpoints, cpus, counters } = setup;
  const arch = faults.arch(setup.arch());
  const made: CountingPmu[] = [];
  const createCounting = (host: PmuHost): CountingPmu => {
    const counting = new CountingPmu(host, counters);
    counting.fails = (event) => faults.failsCounter(Number(event.attr.config ?? 0));
    made.push(counting);
    return counting;
  };
  // Never throttled: that is not for breakpoints (spec 4.8).
  const breakpointScheduler = perfEvents({ exclusiveBreakpoints, sampleRate: 1_000_000_000, pmus: [createCounting] });
  const kernel = composeKernel({
    arch,
    cpus,
    strict: true,
    quantum: 3,
    tick: 7000,
    plugins: [EventsProbe],
    slotPolicy: faults.policy(setup.slotPolicy ?? POLICIES[accounting]),
    handlerErrors: (error) => {
      threw(error);
      return 'continue';
    },
    breakpointScheduler,
  });
  const { events } = kernel.get(EventsProbe);
  setup.mutate?.(events);
  const { slots } = arch.backend.manifest;
  const limits: Readonly<Record<string, number>> = {
    shared: slots.data,
    data: slots.data,
    instruction: slots.instruction,
    counter: counters,
  };
  const room: Room = {
    needs: ({ watch, counted }) => (counted.kind === 'counter' ? 'counter' : poolOf(watch, slots.shared)),
    limit: (what) => limits[what] as number,
    fails: ({ watch, counted }) =>
      watch === undefined
        ? counted.kind === 'counter' && faults.failsCounter(COUNTERS.indexOf(counted.of))
        : faults.failsAt(watch.bp_addr),
  };
  const hardware = new Set(exclusiveBreakpoints ? (['counter', 'breakpoint'] as const) : (['counter'] as const));
  const model = new EventsModel(kernel.machine, room, hardware);
  const [counting] = made;
  if (counting === undefined) throw new TypeError('the scheduler made no PMU');
  return { kernel, events, counting, model, pairs: new Map() };
}
