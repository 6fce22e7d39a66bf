import { ADDRESS, coreError, FLAG, FUNCTION, requireKind } from '../errors/index.js';
import {
  AddressSpace,
  type Cpu,
  type Hardware,
  type PhysicalMemory,
  type SoftwareBreakpoints,
} from '../hardware/index.js';
import { aside } from './aside.js';
import type { Children } from './children.js';
import type { Departure } from './departure.js';
import type { DieChain } from './die-chain.js';
import type { ErrorChannel } from './error-channel.js';
import type { ExecutionGate } from './execution-gate.js';
import { Hibernation } from './hibernation/hibernation.js';
import type { Hotplug } from './hotplug.js';
import type { Interrupts } from './interrupts/index.js';
import type { Logger } from './logger.js';
import { createHooks, type MachineHooks } from './machine-hooks.js';
import {
  directMapSize,
  type ExceptionEntry,
  type MachineOptions,
  NO_ENTRY,
  type RunResult,
} from './machine-options.js';
import { type MachineParts, makeParts } from './machine-parts.js';
import { MachineTasks } from './machine-tasks.js';
import type { Power } from './power.js';
import { checkTask, type Task } from './task.js';
import { TaskState, type TaskStateForm } from './task-state.js';
import { Tenure } from './tenure.js';
import type { Timer, TimerAction, TimerOptions, Timers } from './timers/index.js';
import { checkWork, type Work } from './work.js';

/**
 * The part of a kernel that runs tasks on a computer: processes, signals, exceptions, time.
 * Everything is synchronous and deterministic: the same calls give the same run.
 */
export class Machine extends MachineTasks {
  readonly hardware: Hardware;
  /** The kernel's address space, with the direct map. */
  readonly kernelMemory: AddressSpace;
  readonly dieChain: DieChain;
  readonly hooks: MachineHooks;
  readonly logger: Logger;
  /** What happens as a CPU comes and goes. */
  readonly hotplug: Hotplug;
  /** Suspend and resume. */
  readonly power: Power;
  /** What becomes of children, and waiting for it. */
  readonly children: Children;
  readonly interrupts: Interrupts;
  readonly timers: Timers;
  /** Where the errors of whoever the kernel has called go. */
  readonly errors: ErrorChannel;
  readonly #parts: MachineParts;
  readonly #tenure: Tenure;
  /** Entry code of the architecture: it comes with the composition. */
  readonly #entry: { code: ExceptionEntry };
  readonly #states: TaskState<unknown>[] = [];
  #hibernation: Hibernation | undefined;

  /** Use `composeKernel`. Takes the hardware. */
  constructor(options: MachineOptions) {
    const { hardware, memory } = options;
    const hooks = createHooks((error, what) => parts.errors.report(error, what));
    const entry = { code: NO_ENTRY };
    const parts: MachineParts = makeParts(options, hooks, () => entry.code);
    super(parts, memory);
    this.hooks = hooks;
    this.#entry = entry;
    this.#parts = parts;
    this.hardware = hardware;
    this.logger = options.logger;
    const directMap = { base: memory.directMap, size: directMapSize(memory) };
    this.kernelMemory = new AddressSpace(hardware.memory, { directMap });
    for (const index of options.offline ?? []) this.cpu(index).powerOff();
    if (hardware.online.length === 0) throw new TypeError('at least one CPU must be online');
    this.#tenure = new Tenure(hardware, this.hooks, this.#parts);
    this.hotplug = this.#parts.hotplug;
    ({ power: this.power, children: this.children, interrupts: this.interrupts, errors: this.errors } = parts);
    this.timers = parts.timers;
    this.dieChain = this.#parts.dieChain;
    const { traps } = this.#parts;
    traps.take(hardware.cpus, { user: undefined, kernel: this.kernelMemory, border: memory.taskSize });
  }

  /** What an image is made of: few kernels are ever asked. */
  get hibernation(): Hibernation {
    this.#hibernation ??= this.#makeHibernation();
    return this.#hibernation;
  }

  #makeHibernation(): Hibernation {
    const { hardware, kernelMemory } = this;
    const { scheduler, processes, loop, gates, interrupts, oopses, power, code, traps } = this.#parts;
    const states = this.#states;
    return new Hibernation({
      hardware,
      kernelMemory,
      scheduler,
      processes,
      loop,
      gates,
      interrupts,
      oopses,
      power,
      code,
      traps,
      states,
    });
  }

  /** Lets go of the hardware: nothing ticks or executes any more, no hook is called, its page frames are given back. */
  [Symbol.dispose](): void {
    if (!this.ended) this.#tenure.letGo();
    this.#parts.processes.releaseMemory(this.kernelMemory);
  }

  /** Lets go of the hardware at once, as it is: nobody is told, what is armed stays, and so do its page frames. */
  abandon(): void {
    this.#tenure.abandon();
  }

  /** True once the hardware is not its own any more: the kernel was disposed, or has crashed. */
  get ended(): boolean {
    return this.hotplug.ended;
  }

  /** Entry code of the architecture; set once, by the composition. */
  enterBy(entry: ExceptionEntry): void {
    if (this.#entry.code !== NO_ENTRY) throw new TypeError('this machine has entry code already');
    this.#entry.code = entry;
  }

  get cpus(): readonly Cpu[] {
    return this.hardware.cpus;
  }

  get physical(): PhysicalMemory {
    return this.hardware.memory;
  }

  get planted(): SoftwareBreakpoints {
    return this.#tenure.planted;
  }

  /** A CPU by number. Throws EINVAL if there is none. */
  cpu(index: number): Cpu {
    return this.hardware.cpu(index);
  }

  get onlineCpus(): readonly Cpu[] {
    return this.hardware.online;
  }

  /** The task that runs on a CPU; `undefined`: none, it idles. */
  current(cpu: Cpu): Task | undefined {
    return this.#parts.scheduler.known(cpu).current;
  }

  /** The same, or else the one that it will run next. */
  upcoming(cpu: Cpu): Task | undefined {
    return this.#parts.scheduler.upcoming(cpu);
  }

  /** True while a CPU is stopped inside an exception. */
  isSuspended(cpu: Cpu): boolean {
    return this.#parts.scheduler.known(cpu).suspended !== undefined;
  }

  /**
   * Brings a CPU up or down through the states of {@link hotplug}; its tasks, alarms and interrupts move. Throws EBUSY
   * for the last one, and for one inside an exception; what a callback throws that refuses, and then nothing changes.
   */
  setOnline(index: number, online: boolean): void {
    const cpu = this.cpu(index);
    requireKind('online', online, FLAG);
    if (this.power.suspended) throw coreError('POWER_SUSPENDED', 'the machine is suspended; resume it first');
    this.hotplug.set(cpu, online);
  }

  /**
   * Lets code of the kernel's own execute on a CPU (`cpu.execute`, again where it answers `undefined`), without a task;
   * whatever ran there goes on as if nothing had been. Throws EBUSY in the debug shadow of an instruction.
   */
  aside<T>(cpu: Cpu, action: (cpu: Cpu) => T): T {
    const state = this.#parts.scheduler.known(cpu);
    requireKind('action', action, FUNCTION);
    this.hotplug.requireOwner();
    return aside(cpu, state, action);
  }

  /**
   * State that is kept with every task. `form`: how an image has it, or `elsewhere` if a part of its own has it or it
   * follows from others; without it no image can be made of a task that has it.
   */
  defineTaskState<T>(create: (task: Task) => T, form?: TaskStateForm<T> | 'elsewhere'): TaskState<T> {
    const state = new TaskState(this.#states.length, create, form);
    this.#states.push(state as TaskState<unknown>);
    return state;
  }

  /**
   * The kernel itself has done what nobody may: it goes to the log, and the task on whose behalf it did ends with
   * SIGSEGV (Linux: oops). Throws EFAULT where there is none and it does it again (Linux: panic).
   */
  oops(cpu: Cpu, what: string): void {
    this.#parts.oopses.happened(this.#parts.scheduler.known(cpu), what);
  }

  /** The messages of every {@link oops}, oldest first. */
  get oopses(): readonly string[] {
    return this.#parts.oopses.messages;
  }

  /**
   * Runs until `budget` instructions have executed, or something else ends it (see {@link RunResult}). May be called
   * from inside a handler: the CPUs that are not in the middle of something run on. An exception costs one of the
   * budget, and nothing of a turn: every call ends. A virtual machine's runs its host. See also `power.wakesAt`.
   */
  run(budget = Number.POSITIVE_INFINITY): RunResult {
    if (!(budget >= 0)) throw new TypeError(`a budget is a number of instructions from 0, got ${budget}`);
    this.power.wake();
    return this.#parts.oopses.during(() => this.hardware.host?.run(budget) ?? this.#parts.loop.run(budget));
  }

  /** Makes `run` return once the instruction or exception in progress is over; outside a run, the next one. */
  stop(message: string, detail?: unknown): void {
    this.#parts.loop.stop(message, detail);
  }

  /** Whose instruction is the next one, as far as that can be said now; `undefined`: nobody's. */
  get next(): { readonly cpu: Cpu; readonly task: Task } | undefined {
    return this.#parts.loop.next;
  }

  /** Ends the time slice of a CPU's current task: the next one of its queue runs. */
  schedule(index: number): void {
    this.#parts.scheduler.reschedule(this.cpu(index));
  }

  /** Instructions that all CPUs have retired: the order of what happened, where clocks are not comparable. */
  get count(): number {
    return this.hardware.retired;
  }

  /** Calls `action` once, so many nanoseconds from now: see {@link timers}. */
  after(ns: number, action: TimerAction, options?: TimerOptions): Timer {
    return this.timers.after(ns, action, options);
  }

  /** Lets only those execute whom this gate, and all others, admit; returns the function that ends it. */
  addGate(gate: ExecutionGate): () => void {
    return this.#parts.gates.add(gate);
  }

  /** Gates that there are. */
  get gates(): number {
    return this.#parts.gates.size;
  }

  /** Where this run left the schedule that its composition gives it; `undefined`: it has not, whatever is attached. */
  get departure(): Departure | undefined {
    return this.#parts.loop.departure;
  }

  /** Notes that somebody ordered something that changes the run, such as a register written by a debugger. */
  depart(cause: string): void {
    this.#parts.loop.depart(cause);
  }

  /** The memory that an access by a task reaches at an address: its own, or the kernel's. */
  memoryAt(task: Task | undefined, address: bigint): AddressSpace {
    if (task !== undefined) checkTask(task);
    requireKind('address', address, ADDRESS);
    return task === undefined || address >= this.layout.taskSize ? this.kernelMemory : task.memory;
  }

  /** Leaves something for the end of a CPU's exceptions in progress (irq_work); outside of one it is done now. */
  irqWork(cpu: Cpu, work: Work): void {
    this.#parts.scheduler.known(cpu).irqWork.queue(checkWork(work));
  }

  /** Does something on a CPU that work which is left meanwhile waits for, as for the end of an exception. */
  uninterrupted(cpu: Cpu, action: () => void): void {
    const { irqWork } = this.#parts.scheduler.known(cpu);
    requireKind('action', action, FUNCTION);
    irqWork.during(action);
  }
}
