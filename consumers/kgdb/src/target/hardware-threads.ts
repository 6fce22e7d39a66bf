import type { AddressSpace, Context, Cpu } from '@hwbp/core';
import type { ThreadInfo, ThreadsPort } from '../rsp/target-port.js';
import type { HardwareDebugger } from './hardware-debugger.js';

/** Threads are the CPUs of a computer, of whose software nothing is known: CPU n is thread n + 1. */
export class HardwareThreads implements ThreadsPort {
  readonly #debugger: HardwareDebugger;

  constructor(hardware: HardwareDebugger) {
    this.#debugger = hardware;
  }

  list(): readonly ThreadInfo[] {
    return this.#debugger.cpus.filter(({ online }) => online).map((cpu) => this.#info(cpu));
  }

  info(id: number): ThreadInfo | undefined {
    const cpu = this.#cpu(id);
    return cpu?.online === true ? this.#info(cpu) : undefined;
  }

  exists(id: number): boolean {
    return this.#cpu(id)?.online === true;
  }

  cpuOf(id: number): number | undefined {
    return this.#cpu(id)?.index;
  }

  context(thread: number): Context | undefined {
    return this.#cpu(thread)?.context;
  }

  /** The memory that the CPU itself would reach now. */
  memory(thread: number, address: bigint): AddressSpace {
    const cpu = this.#cpu(thread) ?? (this.#debugger.cpus[0] as Cpu);
    return cpu.mmu.at(address);
  }

  /**
   * A thread to show where none of them caused the stop: that one, or one that has something to execute. `among`: of
   * these; default: of all.
   */
  preferred(latest: number, among?: readonly number[]): number {
    const cpus = this.#debugger.cpus.filter(({ index }) => among?.includes(index + 1) !== false);
    const busy = cpus.filter(({ index, online }) => online && !this.#debugger.isAsleep(index));
    const isLatest = ({ index }: Cpu): boolean => index + 1 === latest;
    const cpu = busy.find(isLatest) ?? busy[0] ?? cpus.find(isLatest) ?? cpus[0];
    return (cpu?.index ?? 0) + 1;
  }

  #info({ index }: Cpu): ThreadInfo {
    const { name } = this.#debugger;
    const asleep = this.#debugger.isAsleep(index) ? ', waits for an interrupt' : '';
    return { id: index + 1, name: `CPU ${index} of ${name}${asleep}`, cpu: index };
  }

  #cpu(id: number): Cpu | undefined {
    return this.#debugger.cpus[id - 1];
  }
}
