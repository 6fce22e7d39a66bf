import { earliestDeadline, fair, fixedPriority, randomSchedule } from '@hwbp/schedulers';
import type { SchedulingContractOptions } from '@hwbp/testkit';

/** An instruction of these kernels takes a microsecond. */
const US = 1_000;

/** The classes of the package, and what each promises beside what all do. */
export const SUBJECTS: readonly Omit<SchedulingContractOptions, 'test'>[] = [
  {
    name: 'fixed priority',
    taskScheduler: () => fixedPriority({ timeslice: 30 * US }),
    preempts: [{ priority: 3 }, { priority: 4 }],
    parameters: {
      good: [{ priority: 1, policy: 'rr' }, { priority: 7 }, { priority: 99, policy: 'fifo' }],
      wrong: [
        [{ priority: 0 }, 'priority'],
        [{ policy: 'best' as never }, 'policy'],
      ],
    },
    balances: true,
  },
  {
    name: 'fair',
    taskScheduler: () => fair({ latency: 60 * US, granularity: 10 * US, wakeupGranularity: 10 * US }),
    parameters: {
      good: [{ nice: 0 }, { nice: 5 }, { nice: -5 }],
      wrong: [
        [{ nice: 20 }, 'nice'],
        [{ nice: 0.5 }, 'nice'],
      ],
    },
    balances: true,
  },
  {
    name: 'earliest deadline',
    taskScheduler: earliestDeadline,
    preempts: [{}, { runtime: 100 * US, period: 1_000 * US }],
    parameters: {
      good: [{}, { runtime: 20 * US, period: 100 * US }, { runtime: 5 * US, deadline: 50 * US, period: 100 * US }],
      wrong: [
        [{ runtime: 1, period: 100 * US }, 'runtime'],
        [{ runtime: 5 * US }, 'period'],
      ],
      scarce: { runtime: 80 * US, period: 100 * US },
    },
    balances: true,
  },
  { name: 'random schedule', taskScheduler: randomSchedule, random: true },
  {
    name: 'random schedule with few preemptions',
    taskScheduler: () => randomSchedule({ preemptions: 3, longest: 30, patience: 200 }),
    random: true,
  },
];
