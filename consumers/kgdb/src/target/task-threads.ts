import type { AddressSpace, Context, Cpu, ExecutionGate, Machine, Task } from '@hwbp/core';
import type { ThreadInfo } from '../rsp/target-port.js';
import type { Processes } from './processes.js';
import type { Resumed } from './resumed.js';
import type { ThreadModel } from './thread-model.js';

/** Threads are tasks of the debugger's processes: their pids are the threads' numbers, wherever they run. */
export class TaskThreads implements ThreadModel {
  readonly kind = 'tasks';
  readonly #machine: Machine;
  readonly #processes: Pick<Processes, 'ofTask' | 'has'>;

  constructor(machine: Machine, processes: Pick<Processes, 'ofTask' | 'has'>) {
    this.#machine = machine;
    this.#processes = processes;
  }

  list(): readonly ThreadInfo[] {
    return [...this.#machine.tasks.values()]
      .filter((task) => this.#processes.has(task))
      .sort((a, b) => a.pid - b.pid)
      .map(infoOf);
  }

  info(id: number): ThreadInfo | undefined {
    const task = this.#task(id);
    return task === undefined ? undefined : infoOf(task);
  }

  exists(id: number): boolean {
    return this.#task(id) !== undefined;
  }

  cpuOf(id: number): number | undefined {
    return this.#task(id)?.cpu;
  }

  at(cpu: Cpu, task: Task | undefined): number {
    if (task?.alive !== true) return this.preferred(this.#machine.current(cpu)?.pid ?? 0);
    return this.#processes.has(task) ? task.pid : 0;
  }

  preferred(latest: number, among?: Resumed): number {
    const isMeant = (id: number): boolean => this.exists(id) && among?.(id) !== false;
    if (isMeant(latest)) return latest;
    for (const cpu of this.#machine.cpus) {
      const running = this.#machine.upcoming(cpu);
      if (running?.alive === true && isMeant(running.pid)) return running.pid;
    }
    return this.list().find(({ id }) => isMeant(id))?.id ?? 0;
  }

  context(thread: number): Context | undefined {
    const task = this.#machine.tasks.get(thread);
    return task === undefined ? undefined : this.#machine.interrupts.registersOf(task);
  }

  memory(thread: number, address: bigint): AddressSpace {
    return this.#machine.memoryAt(this.#machine.tasks.get(thread), address);
  }

  instructions(thread: number): number {
    const task = this.#machine.tasks.get(thread);
    return task === undefined ? 0 : this.#machine.interrupts.instructionsWith(task);
  }

  canExecute(thread: number): boolean {
    return this.#machine.tasks.get(thread)?.state === 'running';
  }

  gate(resumed: Resumed): ExecutionGate {
    return { cpu: () => true, task: (task) => resumed(task.pid) || !this.#processes.has(task) };
  }

  get over(): boolean {
    for (const task of this.#machine.tasks.values()) if (this.#processes.has(task)) return false;
    return true;
  }

  processOf(task: Task): number {
    return this.#processes.ofTask(task);
  }

  #task(id: number): Task | undefined {
    const task = this.#machine.tasks.get(id);
    return task !== undefined && this.#processes.has(task) ? task : undefined;
  }
}

function infoOf({ pid, comm, cpu }: Task): ThreadInfo {
  return { id: pid, name: comm, cpu: Math.max(cpu, 0) };
}
