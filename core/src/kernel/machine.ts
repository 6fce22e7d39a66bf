import { coreError } from '../errors/index.js';
import { VirtualClock } from '../hardware/clock.js';
import { Cpu, type CpuEvents } from '../hardware/cpu.js';
import type { DebugException } from '../hardware/debug-unit.js';
import { AddressSpace } from '../hardware/memory/address-space.js';
import { PhysicalMemory } from '../hardware/memory/physical-memory.js';
import type { Program } from '../programs/program.js';
import { DieChain, type Suspension } from './die-chain.js';
import type { ExecutionGate } from './execution-gate.js';
import type { Logger } from './logger.js';
import { createHooks } from './machine-hooks.js';
import type { ExceptionEntry, MachineOptions, MemoryLayout, RunResult, SpawnOptions } from './machine-options.js';
import { PlantedBreakpoints } from './planted-breakpoints.js';
import { type ExecOptions, type ForkOptions, ProcessTable } from './process-table.js';
import { RunLoop } from './run-loop.js';
import { SignalDelivery } from './signal-delivery.js';
import { SI_CODES, type SignalInfo } from './signals.js';
import type { ExitStatus, Task } from './task.js';
import { TaskScheduler } from './task-scheduler.js';
import { TaskState } from './task-state.js';

const NO_ENTRY: ExceptionEntry = { debug() {}, trap() {}, pageFault() {}, minorFault() {}, systemCallExit() {} };
/** Bytes of physical memory that the direct map covers. */
const DIRECT_MAP_SIZE = 1n << 40n;

/**
 * A computer and the part of a kernel that runs tasks on it: CPUs, memory, tasks, signals, exceptions, time.
 * Everything is synchronous and deterministic: the same calls give the same run.
 */
export class Machine implements CpuEvents {
  readonly cpus: readonly Cpu[];
  readonly physical: PhysicalMemory;
  /** The kernel's address space, with the direct map. */
  readonly kernelMemory: AddressSpace;
  readonly layout: MemoryLayout;
  readonly dieChain = new DieChain();
  readonly hooks = createHooks();
  readonly logger: Logger;
  /** Entry code of the architecture; set by the composition. */
  entry: ExceptionEntry = NO_ENTRY;
  /** Set by a debugger that is in control: who may execute. `undefined`: everybody. */
  gate: ExecutionGate | undefined;
  /** Software breakpoints. */
  readonly planted: PlantedBreakpoints;
  readonly #scheduler: TaskScheduler;
  readonly #processes: ProcessTable;
  readonly #signals: SignalDelivery;
  readonly #loop: RunLoop;
  #states = 0;
  /** Debug exceptions in progress, and the like: a handler may run the machine, which may take another. */
  #uninterrupted = 0;
  readonly #deferred: (() => void)[] = [];

  constructor(options: MachineOptions) {
    const { cpus: count, instructionTime = 1000 } = options;
    if (!Number.isInteger(count) || count < 1 || count > 4096) {
      throw new TypeError(`a machine has 1 to 4096 CPUs, got ${count}`);
    }
    this.layout = options.memory;
    this.logger = options.logger;
    this.physical = new PhysicalMemory(options.memory.pageSize, options.memory.byteOrder);
    const directMap = { base: options.memory.directMap, size: DIRECT_MAP_SIZE };
    this.kernelMemory = new AddressSpace(this.physical, { directMap });
    const createClock = options.createClock ?? (() => new VirtualClock(instructionTime));
    this.cpus = Array.from({ length: count }, (_, i) => new Cpu(i, options.createUnit(i), createClock(i), this));
    this.planted = new PlantedBreakpoints(this.cpus.map(({ unit }) => unit.filter));
    for (const index of options.offline ?? []) this.cpu(index).online = false;
    if (!this.cpus.some((cpu) => cpu.online)) throw new TypeError('at least one CPU must be online');
    this.#scheduler = new TaskScheduler(this.cpus, this.hooks, options.tick ?? 4_000_000, () => this.gate);
    this.#processes = new ProcessTable(this.hooks, this.#scheduler, this.physical);
    this.#signals = new SignalDelivery(this.hooks, this.#scheduler, this.#processes);
    this.#loop = new RunLoop({
      cpus: this.cpus,
      scheduler: this.#scheduler,
      processes: this.#processes,
      signals: this.#signals,
      quantum: options.quantum ?? 100,
      entry: () => this.entry,
      gate: () => this.gate,
    });
  }

  // --- CPUs ---

  /** A CPU by number. Throws EINVAL if there is none. */
  cpu(index: number): Cpu {
    const cpu = this.cpus[index];
    if (cpu !== undefined) return cpu;
    const last = this.cpus.length - 1;
    throw coreError('HWBP_NO_SUCH_CPU', `there is no CPU ${index}: this machine has CPUs 0 to ${last}`, {
      cpu: index,
      cpus: this.cpus.length,
    });
  }

  get onlineCpus(): readonly Cpu[] {
    return this.cpus.filter((cpu) => cpu.online);
  }

  /** Brings a CPU up or down. Its tasks move to another CPU. Throws EBUSY for the last one, and for one stopped inside an exception. */
  setOnline(index: number, online: boolean): void {
    const cpu = this.cpu(index);
    if (cpu.online === online) return;
    if (online) {
      cpu.unit.reset();
      cpu.online = true;
      this.hooks.online.call(cpu);
      return;
    }
    if (cpu.suspended || cpu.switching) {
      const where = cpu.suspended ? 'stopped inside an exception' : 'in the middle of a context switch';
      const message = `CPU ${index} is ${where}; run the machine first`;
      throw coreError('CPU_SUSPENDED', message, { cpu: index });
    }
    if (this.onlineCpus.length === 1) {
      const message = `CPU ${index} is the last one online; bring another one up first`;
      throw coreError('CPU_LAST_ONLINE', message, { cpu: index });
    }
    const { current } = cpu;
    this.#scheduler.switchTo(cpu, undefined);
    this.hooks.offline.call(cpu);
    cpu.online = false;
    cpu.attention = true;
    this.#scheduler.evacuate(cpu, current);
  }

  // --- tasks ---

  /** The live tasks by pid. */
  get tasks(): ReadonlyMap<number, Task> {
    return this.#processes.tasks;
  }

  /** A kind of state that is kept with every task. */
  defineTaskState<T>(create: (task: Task) => T): TaskState<T> {
    return new TaskState(this.#states++, create);
  }

  /** Makes a process that executes `program`. */
  spawn(program: Program, options: SpawnOptions = {}): Task {
    return this.#processes.spawn(program, options);
  }

  /**
   * Makes a child of `parent` that executes `program`: a process with a copy of the memory, or a thread that shares it.
   * Registers and signal handlers are copied. If a fork hook throws, no child is left. Throws ESRCH for a dead parent.
   */
  fork(parent: Task, program: Program, options: ForkOptions = {}): Task {
    return this.#processes.fork(parent, program, options);
  }

  /** Replaces what a task executes, with fresh registers and handlers, as execve does. Other threads of its process end. */
  exec(task: Task, program: Program, options: ExecOptions = {}): void {
    this.#processes.exec(task, program, options);
  }

  /** Ends a task. */
  exit(task: Task, status: ExitStatus = { code: 0 }): void {
    this.#processes.exit(task, status);
  }

  /** Ends every thread of a task's process, as exit_group does. */
  exitGroup(task: Task, status: ExitStatus = { code: 0 }): void {
    this.#processes.exitGroup(task, status);
  }

  /** Restricts the CPUs that a task may run on; it moves at once if it must. Throws EINVAL if none of them is online. */
  setAffinity(task: Task, cpus: Iterable<number> | undefined): void {
    this.#processes.requireAlive(task);
    task.affinity = cpus === undefined ? undefined : this.#scheduler.checkAffinity(cpus);
    this.#scheduler.migrate(task);
  }

  /** Lets a stopped or waiting task run. */
  wake(task: Task): void {
    this.#scheduler.wake(task);
  }

  /** Stops a task where it is, until {@link wake}. */
  halt(task: Task): void {
    this.#scheduler.halt(task);
  }

  /** Makes a signal pending for a task; it is delivered when the task next runs in user mode. */
  sendSignal(task: Task, info: SignalInfo): void {
    this.#signals.send(task, info);
  }

  /** Performs a signal's action now, without asking the tracer: handler, termination, stop or nothing. */
  deliverSignal(task: Task, info: SignalInfo): void {
    this.#signals.act(task, info);
  }

  /** Sends the SIGSEGV of a page fault: no page, or one that does not allow the access. */
  signalPageFault(task: Task, address: bigint): void {
    const mapped = address < this.layout.taskSize && task.memory.translate(address, false) !== undefined;
    const si_code = mapped ? SI_CODES.SEGV_ACCERR : SI_CODES.SEGV_MAPERR;
    this.sendSignal(task, { si_signo: 'SIGSEGV', si_code, si_addr: address });
  }

  // --- running ---

  /**
   * Runs until `budget` instructions have executed, or something else ends it (see {@link RunResult}). May be called from
   * inside a handler: the CPUs that are not in the middle of something run on. An exception taken instead of an
   * instruction costs one of the budget, so that every call ends; a program that turns out to be at its end costs nothing,
   * so that `n` calls with a budget of 1 do what one call with `n` does.
   */
  run(budget = Number.POSITIVE_INFINITY): RunResult {
    if (!(budget >= 0)) throw new TypeError(`a budget is a number of instructions from 0, got ${budget}`);
    return this.#loop.run(budget);
  }

  /** Makes `run` return as soon as the instruction or exception in progress is over; outside a run, the next one at once. */
  stop(message: string, detail?: unknown): void {
    this.#loop.stop(message, detail);
  }

  /** Ends the time slice of a CPU's current task: the next one of its queue runs. */
  schedule(index: number): void {
    this.#scheduler.schedule(this.cpu(index));
  }

  /** The memory that an access by a task reaches at an address: its own, or the kernel's. */
  memoryAt(task: Task | undefined, address: bigint): AddressSpace {
    return task === undefined || address >= this.layout.taskSize ? this.kernelMemory : task.memory;
  }

  /** @internal User mode ends where kernel space begins. */
  firstFault(cpu: Cpu, address: bigint, size: number, write: boolean): bigint | undefined {
    const { taskSize } = this.layout;
    const fault = this.memoryAt(cpu.current, address).firstFault(address, size, write);
    if (cpu.context.mode !== 'user' || address + BigInt(size) <= taskSize) return fault;
    if (address >= taskSize) return address;
    return fault ?? taskSize;
  }

  /** @internal */
  store(cpu: Cpu, address: bigint, size: number): void {
    const memory = this.memoryAt(cpu.current, address);
    if (memory.unshare(address, size) && cpu.context.mode === 'user') this.entry.minorFault(cpu);
  }

  // --- what happens on a CPU ---

  /** @internal */
  debugException(cpu: Cpu, exception: DebugException): void {
    this.#uninterrupted++;
    try {
      this.entry.debug(cpu, exception);
    } finally {
      this.#interruptible();
    }
  }

  /** Does something that work which is deferred meanwhile waits for, as for the end of a debug exception. */
  uninterrupted(action: () => void): void {
    this.#uninterrupted++;
    try {
      action();
    } finally {
      this.#interruptible();
    }
  }

  /** Does something once the debug exceptions in progress are over, the latest first (Linux: irq_work); outside of one, at once. */
  defer(work: () => void): void {
    if (this.#uninterrupted === 0) work();
    else this.#deferred.push(work);
  }

  #interruptible(): void {
    if (--this.#uninterrupted === 0) for (const work of this.#deferred.splice(0).reverse()) work();
  }

  /** @internal */
  softwareTrap(cpu: Cpu, trap: 'breakpoint' | 'debug'): void {
    this.entry.trap(cpu, trap);
  }

  /** @internal */
  pageFault(cpu: Cpu, address: bigint, write: boolean): void {
    this.entry.pageFault(cpu, address, write);
  }

  /** @internal */
  systemCall(cpu: Cpu, program: Program): void {
    if (cpu.current === undefined) return;
    const { context } = cpu;
    cpu.current.stack.push({ program, interrupted: context.save(), kind: 'syscall' });
    context.mode = 'kernel';
    context.singleStep = false;
  }

  /** @internal */
  suspended(cpu: Cpu, suspension: Suspension): void {
    this.#loop.suspended(cpu, suspension);
  }

  /** @internal */
  isPlanted(hi: number, lo: number): boolean {
    return this.planted.has(hi, lo);
  }
}
