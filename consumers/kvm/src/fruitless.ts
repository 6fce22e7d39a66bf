import { type Cpu, hex, NoProgress } from '@hwbp/core';
import type { VmHost } from './vm-host.js';

/** Exceptions of a guest without an instruction between them: it will perhaps never retire one. */
const MOST_FAULTS = 1000;

/** The virtual CPU that is looked at. */
export interface Suspect {
  readonly index: number;
  /** The CPU that the guest's kernel has. */
  readonly cpu: Cpu;
}

/**
 * Notices a virtual CPU that takes one exception after the other: what the host executes for its exits is no progress
 * of the guest's. It is said in the host's log; if nobody else of the host's has retired anything either until it has
 * done so again, the run ends.
 */
export class Fruitless {
  readonly #vcpu: Suspect;
  readonly #host: VmHost;
  #faults = 0;
  /** Instructions of the host's that were executed for it. */
  #own = 0;
  /** What everybody had retired, less those, when it had got nowhere last; `undefined`: it gets on. */
  #others: number | undefined;
  /** Where that was said last. */
  #said: bigint | undefined;

  constructor(vcpu: Suspect, host: VmHost) {
    this.#vcpu = vcpu;
    this.#host = host;
  }

  /** True while it has nothing but exceptions. */
  get suspected(): boolean {
    return this.#faults > 0 || this.#others !== undefined;
  }

  /** The host has executed an instruction for it. */
  attend(): void {
    this.#own++;
  }

  /** The guest has retired instructions and taken exceptions, in one slice. */
  count(retired: number, faults: number): void {
    if (retired > 0) {
      this.#faults = 0;
      this.#others = undefined;
      return;
    }
    this.#faults += faults;
    if (this.#faults < MOST_FAULTS) return;
    this.#faults = 0;
    const { index, cpu } = this.#vcpu;
    const { machine, name } = this.#host;
    const message = `CPU ${index} takes one exception after the other at ${hex(cpu.pc)} and gets nowhere`;
    if (this.#said !== cpu.pc) machine.logger.log('warn', `${name}: ${message}`);
    this.#said = cpu.pc;
    const others = machine.count - this.#own;
    const alone = this.#others === others;
    // Whoever stops the run may do something about it.
    this.#others = alone ? undefined : others;
    if (alone)
      this.#host.came({ reason: 'stopped', message, detail: new NoProgress(index, cpu.pc, undefined), used: 0 });
  }
}
