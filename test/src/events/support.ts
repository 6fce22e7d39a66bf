import { x86 } from '@hwbp/arch-x86';
import {
  type BreakpointEventAttr,
  type Cpu,
  composeKernel,
  EVENT_STATE,
  EVENT_TYPE,
  EVENTS,
  type EventAttr,
  type EventReading,
  type Events,
  type EventTarget,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
  type Kernel,
  type KernelOptions,
  type Machine,
  type Mode,
  type Occurrence,
  type OpenOptions,
  type PerfEventsOptions,
  type PmuEvent,
  type Program,
  type ProgramState,
  perfEvents,
  type SpawnOptions,
  stateName,
  type Task,
} from '@hwbp/core';
import { type Code, kernelCall, nop, store, TEXT } from '../ptrace/support.js';

/** The n-th of a row of variables of 8 bytes. */
export const variable = (n: number): bigint => 0x10_0000n + 8n * BigInt(n);
export const A = variable(0);

/** Executes what is queued; then waits for more, or executes nops if it spins. */
class Commands implements Program {
  readonly queue: Code[] = [];
  readonly #spin: boolean;
  #pc = TEXT;

  constructor(spin: boolean) {
    this.#spin = spin;
  }

  get state(): ProgramState {
    return this.queue.length > 0 || this.#spin ? 'ready' : 'starved';
  }

  run(cpu: Cpu, budget: number): number {
    let retired = 0;
    while (retired < budget) {
      const code = this.queue[0] ?? (this.#spin ? nop : undefined);
      if (code === undefined) break;
      const { length = 4, jump, ...rest } = code;
      const next = jump ?? this.#pc + BigInt(length);
      if (cpu.execute({ pc: this.#pc, length, next, ...rest }) !== undefined) {
        this.queue.shift();
        this.#pc = next;
        retired++;
      }
      if (cpu.attention) break;
    }
    return retired;
  }
}

/** A task that executes what it is told, and is on no CPU in between (unless it spins). */
export class Worker {
  readonly task: Task;
  readonly #machine: Machine;
  readonly #commands: Commands;

  constructor(machine: Machine, task: Task, commands: Commands) {
    this.task = task;
    this.#machine = machine;
    this.#commands = commands;
  }

  /** Executes these instructions. */
  run(...codes: readonly Code[]): void {
    const { queue } = this.#commands;
    queue.push(...codes);
    this.#machine.wake(this.task);
    for (let i = 0; queue.length > 0; i++) {
      if (!this.task.alive || i === 100_000) throw new Error(`${this.task} does not get on`);
      this.#machine.run(10);
    }
    // What the last instruction called, or brought about, is over.
    this.#machine.run(10);
  }

  /** Stores to a variable, so many times. */
  store(address = A, times = 1): void {
    this.run(...Array.from({ length: times }, () => store(address, 8)));
  }

  /** Does something while the task is on its CPU: inside a system call. */
  call(action: () => void): void {
    let error: unknown;
    this.run(
      kernelCall(() => {
        try {
          action();
        } catch (thrown) {
          error = thrown;
        }
      }),
    );
    if (error !== undefined) throw error;
  }

  /** Makes a child, or a thread, inside a system call. */
  fork(options: { readonly thread?: boolean; readonly spin?: boolean } = {}): Worker {
    const { thread = false, spin = false } = options;
    const commands = new Commands(spin);
    let child: Task | undefined;
    this.call(() => {
      child = this.#machine.fork(this.task, () => commands, { thread });
    });
    if (child === undefined) throw new Error('no child');
    return new Worker(this.#machine, child, commands);
  }

  /** Starts afresh, inside a system call. */
  exec(): void {
    this.call(() => this.#machine.exec(this.task, () => this.#commands, { comm: 'fresh' }));
  }

  exit(): void {
    this.#machine.exit(this.task);
    this.#machine.run(10);
  }
}

export interface RigOptions extends Partial<KernelOptions> {
  readonly engine?: PerfEventsOptions;
}

/** A kernel with the events engine: x86 and 2 CPUs without quirks, unless it is said otherwise. */
export class EventsRig {
  readonly kernel: Kernel;
  readonly machine: Machine;
  readonly events: Events;

  constructor({ engine = {}, ...options }: RigOptions = {}) {
    this.kernel = composeKernel({
      arch: x86(),
      cpus: 2,
      strict: true,
      breakpointScheduler: perfEvents(engine),
      ...options,
    });
    this.machine = this.kernel.machine;
    this.events = this.kernel.get(EVENTS);
  }

  /** A task, by default on CPU 0. */
  worker(options: SpawnOptions & { readonly spin?: boolean } = {}): Worker {
    const { spin = false, ...rest } = options;
    const commands = new Commands(spin);
    const task = this.machine.spawn(() => commands, { affinity: [0], comm: 'worker', ...rest });
    if (!spin) this.machine.run(10);
    return new Worker(this.machine, task, commands);
  }

  /** Opens a watch of writes to {@link A}: counting and flexible, unless the attr says otherwise. */
  watch(
    to: Worker | number | EventTarget,
    attr: Partial<BreakpointEventAttr> = {},
    options: OpenOptions = {},
  ): PmuEvent {
    const full = { type: EVENT_TYPE.BREAKPOINT, bp_type: HW_BREAKPOINT_W, bp_addr: A, bp_len: 8, ...attr };
    return this.events.open(full, targetOf(to), options);
  }

  /** Opens a breakpoint on execution. */
  breakAt(
    to: Worker | number,
    bp_addr: bigint,
    attr: Partial<BreakpointEventAttr> = {},
    options: OpenOptions = {},
  ): PmuEvent {
    return this.watch(to, { bp_type: HW_BREAKPOINT_X, bp_addr, ...attr }, options);
  }

  /** Opens an event of any PMU. */
  open(to: Worker | number | EventTarget, attr: EventAttr, options: OpenOptions = {}): PmuEvent {
    return this.events.open(attr, targetOf(to), options);
  }

  count(event: PmuEvent): number {
    return this.events.read(event).count;
  }

  counts(...events: readonly PmuEvent[]): number[] {
    return events.map((event) => this.count(event));
  }

  /** Count, and times in instructions' times. */
  read(event: PmuEvent): EventReading {
    return this.events.read(event);
  }

  /** What is in the registers of a CPU, by address. */
  registers(cpu = 0): (bigint | undefined)[] {
    const { registered } = this.kernel.breakpoints;
    const found = registered.filter(({ onCpu }) => onCpu === cpu);
    return [0, 1, 2, 3].map((register) => found.find((one) => one.register === register)?.address);
  }
}

function targetOf(to: Worker | number | EventTarget): EventTarget {
  if (typeof to === 'number') return { cpu: to };
  return to instanceof Worker ? { task: to.task, cpu: -1 } : to;
}

/** Names of states. */
export const states = (...events: readonly PmuEvent[]): string[] => events.map(({ state }) => stateName(state));

/** How many of these events count now. */
export const active = (events: readonly PmuEvent[]): number =>
  events.filter(({ state }) => state === EVENT_STATE.ACTIVE).length;

/** An overflow as tests compare it. */
export interface Overflowed {
  readonly event: PmuEvent;
  readonly occurrence: Occurrence;
  readonly period: number;
  /** The event's own count, and the mode of the CPU, at that moment. */
  readonly count: number;
  readonly mode: Mode;
}

/** Notes overflows. */
export class Overflows {
  readonly seen: Overflowed[] = [];

  readonly handler = (event: PmuEvent, occurrence: Occurrence, period: number): void => {
    this.seen.push({ event, occurrence, period, count: event.count, mode: occurrence.mode });
  };

  /** At which counts it overflowed. */
  get counts(): number[] {
    return this.seen.map(({ count }) => count);
  }
}
