import type { AddressSpace, Context, Cpu, ExecutionGate, Machine } from '@hwbp/core';
import type { ThreadInfo } from './port.js';
import type { ThreadModel } from './thread-model.js';

/** Threads are CPUs, as to Linux's kgdb: CPU n is thread n + 1, whatever task it runs. Offline CPUs are none. */
export class CpuThreads implements ThreadModel {
  readonly kind = 'cpus';
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  list(): readonly ThreadInfo[] {
    return this.#machine.onlineCpus.map(({ index, current }) => ({
      id: index + 1,
      name: `CPU ${index} ${current === undefined ? 'idle' : String(current)}`,
      cpu: index,
    }));
  }

  exists(id: number): boolean {
    return this.#cpu(id)?.online === true;
  }

  cpuOf(id: number): number | undefined {
    return this.#cpu(id)?.index;
  }

  at(cpu: Cpu): number {
    return cpu.index + 1;
  }

  preferred(latest: number): number {
    const isBusy = ({ online, current }: Cpu): boolean => online && current !== undefined;
    const cpu = this.#cpu(latest);
    if (cpu !== undefined && isBusy(cpu)) return latest;
    const other = this.#machine.cpus.find(isBusy) ?? this.#machine.onlineCpus[0];
    return other === undefined ? 0 : other.index + 1;
  }

  context(thread: number): Context | undefined {
    const cpu = this.#cpu(thread);
    return cpu?.current === undefined ? undefined : cpu.context;
  }

  memory(thread: number, address: bigint): AddressSpace {
    return this.#machine.memoryAt(this.#cpu(thread)?.current, address);
  }

  gate(threads: readonly number[]): ExecutionGate {
    const cpus = new Set(threads.map((thread) => thread - 1));
    return { cpu: ({ index }) => cpus.has(index), task: () => true };
  }

  #cpu(thread: number): Cpu | undefined {
    return this.#machine.cpus[thread - 1];
  }
}
