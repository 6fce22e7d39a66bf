import {
  type Consumer,
  type CpuDriver,
  EVENTS,
  type Events,
  inject,
  injectable,
  type PluginManifest,
  REGISTERS,
  type Registers,
} from '@hwbp/core';

/** The suites' own consumer: shows them the registers of every CPU, and the events engine where there is one. */
@injectable()
export class Probe implements Consumer {
  static readonly plugin: PluginManifest = { name: 'testkit probe', wants: [EVENTS] };
  readonly events: Events | undefined;
  readonly #registers: Registers;

  constructor(@inject(REGISTERS) registers: Registers, @inject(EVENTS) events: Events | undefined) {
    this.#registers = registers;
    this.events = events;
  }

  start(): void {}

  stop(): void {}

  driver(cpu: number): CpuDriver {
    return this.#registers.driver(cpu);
  }
}
