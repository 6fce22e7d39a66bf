import type { AddressSpace, Context, Cpu, ExecutionGate, Machine } from '@hwbp/core';
import type { ThreadInfo } from '../rsp/target-port.js';
import { FIRST_PROCESS } from '../rsp/thread-id.js';
import type { Resumed } from './resumed.js';
import type { ThreadModel } from './thread-model.js';

/**
 * Threads are CPUs, as to Linux's kgdb: CPU n is thread n + 1, whatever task it runs. Offline CPUs are none. A CPU that
 * has not begun yet shows the task that it will run.
 */
export class CpuThreads implements ThreadModel {
  readonly kind = 'cpus';
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  list(): readonly ThreadInfo[] {
    return this.#machine.onlineCpus.map((cpu) => this.#info(cpu));
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

  at(cpu: Cpu): number {
    return cpu.index + 1;
  }

  preferred(latest: number, among?: Resumed): number {
    // Mostly it is that one, at every step.
    const before = this.#cpu(latest);
    if (before?.online === true && among?.(latest) !== false && this.#hasWork(before)) return latest;
    const cpus = this.#machine.onlineCpus.filter(({ index }) => among?.(index + 1) !== false);
    const busy = cpus.filter((cpu) => this.#hasWork(cpu));
    const cpu = busy[0] ?? cpus[0];
    return cpu === undefined ? 0 : cpu.index + 1;
  }

  context(thread: number): Context | undefined {
    const cpu = this.#cpu(thread);
    if (cpu === undefined) return undefined;
    return this.#machine.interrupts.handlerRegisters(cpu) ?? this.#machine.upcoming(cpu)?.context;
  }

  memory(thread: number, address: bigint): AddressSpace {
    const cpu = this.#cpu(thread);
    return this.#machine.memoryAt(cpu === undefined ? undefined : this.#machine.upcoming(cpu), address);
  }

  instructions(thread: number): number {
    return this.#cpu(thread)?.instructions ?? 0;
  }

  canExecute(thread: number): boolean {
    const cpu = this.#cpu(thread);
    if (cpu === undefined) return false;
    return this.#isInterrupted(cpu) || this.#machine.upcoming(cpu)?.state === 'running';
  }

  #hasWork(cpu: Cpu): boolean {
    return this.#isInterrupted(cpu) || this.#machine.upcoming(cpu) !== undefined;
  }

  #isInterrupted(cpu: Cpu): boolean {
    return this.#machine.interrupts.handlerRegisters(cpu) !== undefined;
  }

  gate(resumed: Resumed): ExecutionGate {
    return { cpu: ({ index }) => resumed(index + 1), task: () => true };
  }

  get over(): boolean {
    return this.#machine.tasks.size === 0;
  }

  processOf(): number {
    return FIRST_PROCESS;
  }

  #info(cpu: Cpu): ThreadInfo {
    const name = `CPU ${cpu.index} ${this.#machine.upcoming(cpu) ?? 'idle'}`;
    return { id: cpu.index + 1, name, cpu: cpu.index };
  }

  #cpu(thread: number): Cpu | undefined {
    return this.#machine.cpus[thread - 1];
  }
}
