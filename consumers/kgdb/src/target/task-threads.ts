import type { AddressSpace, Context, Cpu, ExecutionGate, Machine, Task } from '@hwbp/core';
import type { ThreadInfo } from '../rsp/target-port.js';
import type { ThreadModel } from './thread-model.js';

/** Threads are tasks: their pids are the threads' numbers, wherever they run. */
export class TaskThreads implements ThreadModel {
  readonly kind = 'tasks';
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  list(): readonly ThreadInfo[] {
    return [...this.#machine.tasks.values()]
      .sort((a, b) => a.pid - b.pid)
      .map(({ pid, comm, cpu }) => ({ id: pid, name: comm, cpu: Math.max(cpu, 0) }));
  }

  exists(id: number): boolean {
    return this.#machine.tasks.has(id);
  }

  cpuOf(id: number): number | undefined {
    return this.#machine.tasks.get(id)?.cpu;
  }

  at(cpu: Cpu, task: Task | undefined): number {
    return task?.alive === true ? task.pid : this.preferred(this.#machine.current(cpu)?.pid ?? 0);
  }

  preferred(latest: number, among?: readonly number[]): number {
    const isMeant = (id: number): boolean => this.exists(id) && among?.includes(id) !== false;
    if (isMeant(latest)) return latest;
    for (const cpu of this.#machine.cpus) {
      const running = this.#machine.upcoming(cpu);
      if (running?.alive === true && isMeant(running.pid)) return running.pid;
    }
    return this.list().find(({ id }) => isMeant(id))?.id ?? 0;
  }

  context(thread: number): Context | undefined {
    return this.#machine.tasks.get(thread)?.context;
  }

  memory(thread: number, address: bigint): AddressSpace {
    return this.#machine.memoryAt(this.#machine.tasks.get(thread), address);
  }

  instructions(thread: number): number {
    return this.#machine.tasks.get(thread)?.instructions ?? 0;
  }

  canExecute(thread: number): boolean {
    return this.#machine.tasks.get(thread)?.state === 'running';
  }

  gate(threads: readonly number[]): ExecutionGate {
    const pids = new Set(threads);
    return { cpu: () => true, task: ({ pid }) => pids.has(pid) };
  }
}
