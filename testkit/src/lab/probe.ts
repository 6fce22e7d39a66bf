import {
  type Consumer,
  type CpuDriver,
  inject,
  injectable,
  type PluginManifest,
  REGISTERS,
  type Registers,
} from '@hwbp/core';

/** The suites' own consumer: shows them the registers of every CPU. */
@injectable()
export class Probe implements Consumer {
  static readonly plugin: PluginManifest = { name: 'testkit probe' };
  readonly #registers: Registers;

  constructor(@inject(REGISTERS) registers: Registers) {
    this.#registers = registers;
  }

  start(): void {}

  stop(): void {}

  driver(cpu: number): CpuDriver {
    return this.#registers.driver(cpu);
  }
}
