import {
  type BreakpointPmu,
  type Consumer,
  type ConsumerManifest,
  type CpuDriver,
  inject,
  injectable,
  PMU,
} from '@hwbp/core';

/** The suites' own consumer: shows them the registers of every CPU. */
@injectable()
export class Probe implements Consumer {
  static readonly consumer: ConsumerManifest = { name: 'testkit probe' };
  readonly #pmu: BreakpointPmu;

  constructor(@inject(PMU) pmu: BreakpointPmu) {
    this.#pmu = pmu;
  }

  start(): void {}

  stop(): void {}

  driver(cpu: number): CpuDriver {
    return this.#pmu.driver(cpu);
  }
}
