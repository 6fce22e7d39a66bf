import { coreError } from '../errors/index.js';
import type { Cpu } from '../hardware/cpu.js';
import type { ExecutionGate } from './execution-gate.js';
import type { MachineHooks } from './machine-hooks.js';
import { RunQueue } from './run-queue.js';
import type { Task } from './task.js';

/** What is kept for one CPU. */
interface Lane {
  readonly queue: RunQueue;
  /** The current task's time is over. */
  reschedule: boolean;
  /** When the next timer tick is due, in nanoseconds of the CPU's clock. */
  nextTick: number;
}

/** Which task runs on which CPU: a queue for each CPU, round robin by timer ticks, no balancing but at wake-up. */
export class TaskScheduler {
  readonly #cpus: readonly Cpu[];
  readonly #hooks: MachineHooks;
  readonly #tick: number;
  readonly #lanes: readonly Lane[];
  readonly #gate: () => ExecutionGate | undefined;

  /** `tick`: nanoseconds between timer ticks. `gate`: who may execute. */
  constructor(cpus: readonly Cpu[], hooks: MachineHooks, tick: number, gate: () => ExecutionGate | undefined) {
    this.#cpus = cpus;
    this.#hooks = hooks;
    this.#tick = tick;
    this.#gate = gate;
    this.#lanes = cpus.map(() => ({ queue: new RunQueue(), reschedule: false, nextTick: tick }));
  }

  /** A task may run: it waits for the allowed online CPU with the fewest tasks, the lowest of equals. */
  enqueue(task: Task): void {
    task.cpu = this.#place(task);
    this.#lane(task.cpu).queue.push(task);
  }

  /** A task that does not run yet: it only gets a CPU. */
  park(task: Task): void {
    task.cpu = this.#place(task);
  }

  dequeue(task: Task): void {
    this.#lanes[task.cpu]?.queue.remove(task);
  }

  /** Lets a stopped or waiting task run. */
  wake(task: Task): void {
    if (task.state !== 'stopped' && task.state !== 'waiting') return;
    task.state = 'running';
    if (!task.onCpu) this.enqueue(task);
  }

  /** Stops a task where it is. */
  halt(task: Task): void {
    if (!task.alive || task.state === 'stopped') return;
    this.dequeue(task);
    task.state = 'stopped';
    this.#hooks.stop.call(task);
    this.touch(task);
  }

  /** Something changed for a task that may be on a CPU: its program must hand the CPU back. */
  touch(task: Task): void {
    if (!task.onCpu) return;
    const cpu = this.#cpus[task.cpu] as Cpu;
    cpu.attention = true;
    if (task.state !== 'running' && !cpu.busy) this.schedule(cpu);
  }

  /** Throws EINVAL if none of the CPUs is online. */
  checkAffinity(cpus: Iterable<number>): ReadonlySet<number> {
    const set = new Set(cpus);
    if ([...set].some((index) => this.#cpus[index]?.online)) return set;
    const listed = [...set].join(', ') || 'an empty set';
    throw coreError('HWBP_NO_SUCH_CPU', `no CPU of ${listed} is online`, { cpus: [...set] });
  }

  /** A task's affinity changed: it moves if it must. */
  migrate(task: Task): void {
    if (task.affinity === undefined || task.affinity.has(task.cpu)) return;
    if (task.onCpu) {
      const cpu = this.#cpus[task.cpu] as Cpu;
      this.#lane(task.cpu).reschedule = true;
      cpu.attention = true;
      if (!cpu.busy) this.schedule(cpu);
    } else {
      this.dequeue(task);
      if (task.state === 'running') this.enqueue(task);
      else this.park(task);
    }
  }

  /** Ends the time slice of a CPU's current task: the next one of its queue runs. */
  schedule(cpu: Cpu): void {
    const lane = this.#lane(cpu.index);
    lane.reschedule = false;
    const previous = cpu.current;
    if (previous !== undefined && previous.state === 'running') {
      previous.onCpu = false;
      if (previous.affinity === undefined || previous.affinity.has(cpu.index)) lane.queue.push(previous);
      else this.enqueue(previous);
    }
    this.switchTo(cpu, lane.queue.shift(this.#gate()));
  }

  /** Finds the CPU something to run, if it has nothing or its task's time is over. False: it idles. */
  ready(cpu: Cpu): boolean {
    const { current } = cpu;
    // The instruction after a debug shadow cannot be interrupted: what is pending belongs to this task.
    const timeIsOver = this.#lane(cpu.index).reschedule && !cpu.unit.pending;
    if (current === undefined || current.state !== 'running' || timeIsOver) this.schedule(cpu);
    const gate = this.#gate();
    return cpu.current !== undefined && (gate === undefined || this.#admitted(cpu, cpu.current, gate));
  }

  /** A gate is set: a current task that may not run makes room for one that may, and stays where there is none. */
  #admitted(cpu: Cpu, current: Task, gate: ExecutionGate): boolean {
    if (gate.task(current)) return true;
    if (!this.#lane(cpu.index).queue.some(gate)) return false;
    this.schedule(cpu);
    return true;
  }

  /** The context switch. */
  switchTo(cpu: Cpu, next: Task | undefined): void {
    const previous = cpu.current;
    if (previous === next) {
      if (next !== undefined) next.onCpu = true;
      return;
    }
    if (previous !== undefined) previous.onCpu = false;
    if (next !== undefined) {
      next.onCpu = true;
      next.cpu = cpu.index;
    }
    cpu.load(next);
    const { switching } = cpu;
    cpu.switching = true;
    try {
      this.#hooks.contextSwitch.call(cpu, previous, next);
    } finally {
      cpu.switching = switching;
    }
  }

  /** The tasks of a CPU that went offline go elsewhere. */
  evacuate(cpu: Cpu, current: Task | undefined): void {
    const { queue } = this.#lane(cpu.index);
    const moved: Task[] = current !== undefined && current.state === 'running' ? [current] : [];
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) moved.push(task);
    for (const task of moved) this.enqueue(task);
  }

  /** Call when a CPU's clock has moved: the timer ticks that are due end the current task's slice if others wait. */
  timer(cpu: Cpu): void {
    const lane = this.#lane(cpu.index);
    if (cpu.clock.now < lane.nextTick) return;
    while (lane.nextTick <= cpu.clock.now) lane.nextTick += this.#tick;
    this.#hooks.tick.call(cpu);
    if (lane.queue.length > 0) lane.reschedule = true;
  }

  #lane(cpu: number): Lane {
    return this.#lanes[cpu] as Lane;
  }

  /** Where a task's affinity leaves no CPU that is online, it is lifted, as in Linux. */
  #place(task: Task): number {
    if (task.affinity !== undefined && ![...task.affinity].some((i) => this.#cpus[i]?.online)) {
      task.affinity = undefined;
    }
    let best = -1;
    let load = Number.POSITIVE_INFINITY;
    for (const cpu of this.#cpus) {
      if (!cpu.online || (task.affinity !== undefined && !task.affinity.has(cpu.index))) continue;
      const here = this.#lane(cpu.index).queue.length + (cpu.current === undefined ? 0 : 1);
      if (here < load) {
        load = here;
        best = cpu.index;
      }
    }
    return best;
  }
}
