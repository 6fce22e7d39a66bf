import type { KernelOptions, Logger, Plugin, SuccessorOptions } from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { Kvm } from '@hwbp/kvm';
import { Kwatch } from '@hwbp/kwatch';
import { Perf } from '@hwbp/perf';
import { Ptrace } from '@hwbp/ptrace';
import type { Subject } from '../support.js';

/** What a crowd is of. */
export interface Cast extends Subject {
  /** One with priorities: kwatch takes part. */
  readonly slotPolicy?: Plugin & KernelOptions['slotPolicy'];
  readonly perf: boolean;
  /** A tracer is told before the access, and nobody else is: it has a place of its own. */
  readonly tracesApart: boolean;
}

/** A kernel with all of them. */
export function optionsOf({ arch, scheduler, slotPolicy, perf }: Cast, logger: Logger): SuccessorOptions {
  return {
    arch: arch(),
    breakpointScheduler: scheduler(),
    strict: true,
    logger,
    plugins: [Ptrace, Kgdb, Kvm, ...(perf ? [Perf] : []), ...(slotPolicy === undefined ? [] : [Kwatch])],
    ...(slotPolicy === undefined ? {} : { slotPolicy }),
  };
}
