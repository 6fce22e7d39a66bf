import { coreError } from '../errors/index.js';
import { VirtualClock } from './clock.js';
import { Cpu, type CpuEvents } from './cpu.js';
import type { DebugException } from './debug-unit.js';
import { DieChain, type Suspension } from './die-chain.js';
import { HookList } from './hooks.js';
import type { Logger } from './logger.js';
import type { ExceptionEntry, MachineOptions, MemoryLayout, RunResult, SpawnOptions } from './machine-options.js';
import { AddressSpace } from './memory/address-space.js';
import { PhysicalMemory } from './memory/physical-memory.js';
import type { Program } from './program/program.js';
import { RunQueue } from './run-queue.js';
import { IGNORED_BY_DEFAULT, SI_CODES, type SignalInfo } from './signals.js';
import { type ExitStatus, type Frame, Task } from './task.js';
import { TaskState } from './task-state.js';

/** Hooks of everything that happens to tasks and CPUs. A fork hook that throws makes the fork fail with its error. */
export interface MachineHooks {
  readonly fork: HookList<[parent: Task, child: Task]>;
  readonly exec: HookList<[task: Task]>;
  /** Called while the task is still on its CPU, before the final context switch. */
  readonly exit: HookList<[task: Task]>;
  readonly contextSwitch: HookList<[cpu: Cpu, previous: Task | undefined, next: Task | undefined]>;
  /** A handler is about to be entered. */
  readonly signal: HookList<[task: Task, info: SignalInfo]>;
  /** A task stopped (ptrace, SIGSTOP). */
  readonly stop: HookList<[task: Task]>;
  readonly tick: HookList<[cpu: Cpu]>;
  readonly online: HookList<[cpu: Cpu]>;
  /** Called while the CPU can still be programmed. */
  readonly offline: HookList<[cpu: Cpu]>;
}

const NO_ENTRY: ExceptionEntry = { debug() {}, trap() {}, pageFault() {}, systemCallExit() {} };

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
  readonly hooks: MachineHooks = {
    fork: new HookList(),
    exec: new HookList(),
    exit: new HookList(),
    contextSwitch: new HookList(),
    signal: new HookList(),
    stop: new HookList(),
    tick: new HookList(),
    online: new HookList(),
    offline: new HookList(),
  };
  readonly logger: Logger;
  /** Entry code of the architecture; set by the composition. */
  entry: ExceptionEntry = NO_ENTRY;
  readonly #tasks = new Map<number, Task>();
  readonly #queues: readonly RunQueue[];
  readonly #reschedule: boolean[];
  readonly #nextTick: number[];
  readonly #tick: number;
  readonly #quantum: number;
  readonly #busy = new Set<Cpu>();
  #nextPid = 1;
  #states = 0;
  #turn = 0;
  #turnLeft: number;
  #stop: Omit<RunResult, 'instructions'> | undefined;

  constructor(options: MachineOptions) {
    const { cpus: count, instructionTime = 1000 } = options;
    if (!Number.isInteger(count) || count < 1 || count > 4096) {
      throw new TypeError(`a machine has 1 to 4096 CPUs, got ${count}`);
    }
    this.layout = options.memory;
    this.physical = new PhysicalMemory(options.memory.pageSize);
    const directMap = { base: options.memory.directMap, size: 1n << 40n };
    this.kernelMemory = new AddressSpace(this.physical, { directMap });
    this.logger = options.logger;
    this.#tick = options.tick ?? 4_000_000;
    this.#quantum = options.quantum ?? 100;
    this.#turnLeft = this.#quantum;
    const createClock = options.createClock ?? (() => new VirtualClock(instructionTime));
    const offline = new Set(options.offline);
    this.cpus = Array.from({ length: count }, (_, i) => new Cpu(i, options.createUnit(i), createClock(i), this));
    for (const cpu of this.cpus) cpu.online = !offline.has(cpu.index);
    if (!this.cpus.some((cpu) => cpu.online)) throw new TypeError('at least one CPU must be online');
    this.#queues = this.cpus.map(() => new RunQueue());
    this.#reschedule = this.cpus.map(() => false);
    this.#nextTick = this.cpus.map(() => this.#tick);
  }

  // --- CPUs ---

  /** A CPU by number. Throws EINVAL if there is none. */
  cpu(index: number): Cpu {
    const cpu = this.cpus[index];
    if (cpu !== undefined) return cpu;
    throw coreError(
      'HWBP_NO_SUCH_CPU',
      `there is no CPU ${index}: this machine has CPUs 0 to ${this.cpus.length - 1}`,
      {
        cpu: index,
        cpus: this.cpus.length,
      },
    );
  }

  get onlineCpus(): readonly Cpu[] {
    return this.cpus.filter((cpu) => cpu.online);
  }

  /** Brings a CPU up or down. Its tasks move to another CPU. Throws EBUSY for the last one. */
  setOnline(index: number, online: boolean): void {
    const cpu = this.cpu(index);
    if (cpu.online === online) return;
    if (online) {
      cpu.unit.reset();
      cpu.online = true;
      this.hooks.online.call(cpu);
      return;
    }
    if (this.onlineCpus.length === 1) {
      throw coreError('CPU_LAST_ONLINE', `CPU ${index} is the last one online; bring another one up first`, {
        cpu: index,
      });
    }
    const current = cpu.current;
    this.#switchTo(cpu, undefined);
    this.hooks.offline.call(cpu);
    cpu.online = false;
    cpu.attention = true;
    const queue = this.#queues[index] as RunQueue;
    const moved: Task[] = current !== undefined && current.state === 'running' ? [current] : [];
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) moved.push(task);
    for (const task of moved) {
      if (task.affinity !== undefined && ![...task.affinity].some((i) => this.cpus[i]?.online))
        task.affinity = undefined;
      this.#enqueue(task);
    }
  }

  // --- tasks ---

  /** The live tasks by pid. */
  get tasks(): ReadonlyMap<number, Task> {
    return this.#tasks;
  }

  /** A kind of state that is kept with every task. */
  defineTaskState<T>(create: (task: Task) => T): TaskState<T> {
    return new TaskState(this.#states++, create);
  }

  /** Makes a process that executes `program`. */
  spawn(program: Program, options: SpawnOptions = {}): Task {
    const pid = this.#claimPid(options.pid);
    const memory = new AddressSpace(this.physical, { demandZero: options.demandZero ?? true });
    const task = new Task({ pid, tgid: pid, comm: options.comm ?? 'task', memory, cpu: 0 });
    task.privileged = options.privileged ?? true;
    task.context.mode = options.mode ?? 'user';
    if (options.affinity !== undefined) task.affinity = this.#checkAffinity(options.affinity);
    task.stack.push({ program, interrupted: undefined, kind: 'main' });
    this.#admit(task, options.run ?? true);
    return task;
  }

  /**
   * Makes a child of `parent` that executes `program`: a process with a copy of the memory, or a thread that shares it.
   * Registers and signal handlers are copied. If a fork hook throws, no child is left.
   */
  fork(parent: Task, program: Program, options: { thread?: boolean; pid?: number; run?: boolean } = {}): Task {
    if (!parent.alive)
      throw coreError('HWBP_TASK_GONE', `task ${parent} has exited and cannot fork`, { pid: parent.pid });
    const pid = this.#claimPid(options.pid);
    const thread = options.thread ?? false;
    const memory = thread ? parent.memory : parent.memory.clone();
    const child = new Task({
      pid,
      tgid: thread ? parent.tgid : pid,
      comm: parent.comm,
      parent,
      memory,
      cpu: parent.cpu,
    });
    child.privileged = parent.privileged;
    child.affinity = parent.affinity;
    // A parent that is inside a system call: its child begins where the call returns to.
    const call = parent.stack.findLast((frame) => frame.kind === 'syscall')?.interrupted;
    const { pcHi, pcLo, mode } = call ?? parent.context;
    child.context.restore({ ...parent.context.save(), pcHi, pcLo, mode, singleStep: false, resume: false });
    for (const [signal, handler] of parent.handlers) child.handlers.set(signal, handler);
    child.stack.push({ program, interrupted: undefined, kind: 'main' });
    try {
      this.hooks.fork.call(parent, child);
    } catch (error) {
      child.state = 'dead';
      this.hooks.exit.call(child);
      throw error;
    }
    this.#admit(child, options.run ?? true);
    return child;
  }

  /** Replaces what a task executes, with fresh registers and handlers, as execve does. Other threads of its process end. */
  exec(task: Task, program: Program, options: { comm?: string; demandZero?: boolean } = {}): void {
    this.#requireAlive(task);
    for (const other of [...this.#tasks.values()]) {
      if (other !== task && other.tgid === task.tgid) this.exit(other, { signal: 'SIGKILL' });
    }
    task.memory = new AddressSpace(this.physical, { demandZero: options.demandZero ?? true });
    if (options.comm !== undefined) task.comm = options.comm.slice(0, 15);
    task.handlers.clear();
    task.stack.length = 0;
    task.context.restore({ pcHi: 0, pcLo: 0, mode: 'user', singleStep: false, resume: false, registers: new Map() });
    task.context.completed = undefined;
    task.stack.push({ program, interrupted: undefined, kind: 'main' });
    this.hooks.exec.call(task);
    this.#touch(task);
  }

  /** Ends a task. */
  exit(task: Task, status: ExitStatus = { code: 0 }): void {
    if (!task.alive) return;
    task.exit = status;
    // Dead before the hooks run: what they do must not be undone by somebody who still takes it for alive.
    this.#queues[task.cpu]?.remove(task);
    task.state = 'dead';
    this.#tasks.delete(task.pid);
    this.hooks.exit.call(task);
    task.stack.length = 0;
    task.pending.length = 0;
    this.#touch(task);
  }

  /** Ends every thread of a task's process, as exit_group does. */
  exitGroup(task: Task, status: ExitStatus = { code: 0 }): void {
    for (const member of [...this.#tasks.values()]) if (member.tgid === task.tgid) this.exit(member, status);
  }

  /** Restricts the CPUs that a task may run on; it moves at once if it must. Throws EINVAL if none of them is online. */
  setAffinity(task: Task, cpus: Iterable<number> | undefined): void {
    this.#requireAlive(task);
    task.affinity = cpus === undefined ? undefined : this.#checkAffinity(cpus);
    if (task.affinity === undefined || task.affinity.has(task.cpu)) return;
    if (task.onCpu) {
      this.#reschedule[task.cpu] = true;
      this.#touch(task);
      if (!this.#busy.has(this.cpu(task.cpu))) this.schedule(task.cpu);
    } else {
      this.#queues[task.cpu]?.remove(task);
      if (task.state === 'running') this.#enqueue(task);
      else task.cpu = this.#place(task);
    }
  }

  /** Lets a stopped or waiting task run. */
  wake(task: Task): void {
    if (task.state !== 'stopped' && task.state !== 'waiting') return;
    task.state = 'running';
    if (!task.onCpu) this.#enqueue(task);
  }

  /** Stops a task where it is, until {@link wake}. */
  halt(task: Task): void {
    if (!task.alive || task.state === 'stopped') return;
    this.#queues[task.cpu]?.remove(task);
    task.state = 'stopped';
    this.hooks.stop.call(task);
    this.#touch(task);
  }

  /** Makes a signal pending for a task; it is delivered when the task next runs in user mode. */
  sendSignal(task: Task, info: SignalInfo): void {
    if (!task.alive) return;
    task.pending.push(info);
    if (info.si_signo === 'SIGKILL') this.exit(task, { signal: 'SIGKILL' });
    else if (task.state === 'waiting' || (info.si_signo === 'SIGCONT' && task.state === 'stopped' && !task.tracer))
      this.wake(task);
    else this.#touch(task);
  }

  /** Performs a signal's action now, without asking the tracer: handler, termination, stop or nothing. */
  deliverSignal(task: Task, info: SignalInfo): void {
    const handler = task.handlers.get(info.si_signo);
    if (handler === 'ignore' || (handler === undefined && IGNORED_BY_DEFAULT.has(info.si_signo))) return;
    if (handler === undefined) {
      if (info.si_signo === 'SIGSTOP') this.halt(task);
      else this.exit(task, { signal: info.si_signo });
      return;
    }
    this.hooks.signal.call(task, info);
    const interrupted = task.context.save();
    task.stack.push({ program: handler(info), interrupted, kind: 'signal' });
    // A handler is entered with the resume flag clear, or a breakpoint on its first instruction would be lost.
    task.context.resume = false;
    task.context.completed = undefined;
  }

  // --- running ---

  /**
   * Runs until `budget` instructions have executed, or something else ends it (see {@link RunResult}). May be called from
   * inside a handler: the CPUs that are not in the middle of something run on. An exception taken instead of an
   * instruction costs one of the budget, so that every call ends.
   */
  run(budget = Number.POSITIVE_INFINITY): RunResult {
    let left = budget;
    let instructions = 0;
    for (const cpu of this.cpus) {
      if (!cpu.suspended || this.#busy.has(cpu)) continue;
      cpu.continue();
      if (this.#stop !== undefined) return this.#stopped(instructions);
    }
    let idle = 0;
    while (left > 0) {
      const cpu = this.cpus[this.#turn] as Cpu;
      const ran = this.#canRun(cpu) ? this.#slice(cpu, Math.min(left, this.#turnLeft)) : undefined;
      if (ran === undefined) {
        if (++idle > this.cpus.length) return { reason: this.#starving() ? 'starved' : 'idle', instructions };
        this.#nextTurn();
        continue;
      }
      idle = 0;
      instructions += ran;
      const cost = Math.max(ran, 1);
      left -= cost;
      this.#turnLeft -= cost;
      if (this.#turnLeft <= 0) this.#nextTurn();
      if (this.#stop !== undefined) return this.#stopped(instructions);
    }
    return { reason: 'budget', instructions };
  }

  /** Makes the current `run` return as soon as the instruction or exception in progress is over. */
  stop(message: string, detail?: unknown): void {
    this.#stop ??= detail === undefined ? { reason: 'stopped', message } : { reason: 'stopped', message, detail };
    for (const cpu of this.#busy) cpu.attention = true;
  }

  /** Ends the time slice of a CPU's current task: the next one of its queue runs. */
  schedule(index: number): void {
    const cpu = this.cpu(index);
    this.#reschedule[index] = false;
    const previous = cpu.current;
    if (previous !== undefined && previous.state === 'running') {
      previous.onCpu = false;
      if (previous.affinity === undefined || previous.affinity.has(index))
        (this.#queues[index] as RunQueue).push(previous);
      else this.#enqueue(previous);
    }
    this.#switchTo(cpu, this.#queues[index]?.shift());
  }

  // --- CpuEvents: what happens on a CPU ---

  /** @internal */
  debugException(cpu: Cpu, exception: DebugException): void {
    this.entry.debug(cpu, exception);
  }

  /** @internal */
  softwareTrap(cpu: Cpu, trap: 'breakpoint' | 'debug'): void {
    this.entry.trap(cpu, trap);
  }

  /** @internal */
  pageFault(cpu: Cpu, address: bigint, write: boolean): void {
    this.entry.pageFault(cpu, address, write);
  }

  /** Sends the SIGSEGV of a page fault: no page, or one that does not allow the access. */
  signalPageFault(task: Task, address: bigint): void {
    const mapped = this.memoryAt(task, address).translate(address, false) !== undefined;
    const si_code = mapped ? SI_CODES.SEGV_ACCERR : SI_CODES.SEGV_MAPERR;
    this.sendSignal(task, { si_signo: 'SIGSEGV', si_code, si_addr: address });
  }

  /** @internal */
  systemCall(cpu: Cpu, program: Program): void {
    if (cpu.current === undefined) return;
    const context = cpu.context;
    cpu.current.stack.push({ program, interrupted: context.save(), kind: 'syscall' });
    context.mode = 'kernel';
    context.singleStep = false;
  }

  /** @internal */
  suspended(cpu: Cpu, suspension: Suspension): void {
    const { reason: message, detail } = suspension;
    this.#stop = { reason: 'suspended', message, cpu: cpu.index, ...(detail === undefined ? {} : { detail }) };
    for (const other of this.#busy) other.attention = true;
  }

  /** @internal */
  memoryAt(task: Task | undefined, address: bigint): AddressSpace {
    return task === undefined || address >= this.layout.taskSize ? this.kernelMemory : task.memory;
  }

  // --- private ---

  #claimPid(wanted: number | undefined): number {
    if (wanted !== undefined) {
      if (!Number.isInteger(wanted) || wanted < 1) throw new TypeError(`a pid is an integer from 1, got ${wanted}`);
      if (this.#tasks.has(wanted)) throw new TypeError(`pid ${wanted} is taken by ${this.#tasks.get(wanted)}`);
      return wanted;
    }
    while (this.#tasks.has(this.#nextPid)) this.#nextPid++;
    return this.#nextPid++;
  }

  #requireAlive(task: Task): void {
    if (!task.alive) throw coreError('HWBP_TASK_GONE', `task ${task} has exited`, { pid: task.pid });
  }

  #checkAffinity(cpus: Iterable<number>): ReadonlySet<number> {
    const set = new Set(cpus);
    for (const index of set) this.cpu(index);
    if ([...set].some((index) => this.cpus[index]?.online)) return set;
    throw coreError('HWBP_NO_SUCH_CPU', `no CPU of ${[...set].join(', ') || 'an empty set'} is online`, {
      cpus: [...set],
    });
  }

  #admit(task: Task, run: boolean): void {
    this.#tasks.set(task.pid, task);
    if (run) {
      this.#enqueue(task);
      return;
    }
    task.state = 'stopped';
    task.cpu = this.#place(task);
  }

  /** The allowed online CPU with the fewest tasks; the lowest of equals. */
  #place(task: Task): number {
    let best = -1;
    let load = Number.POSITIVE_INFINITY;
    for (const cpu of this.cpus) {
      if (!cpu.online || (task.affinity !== undefined && !task.affinity.has(cpu.index))) continue;
      const here = (this.#queues[cpu.index] as RunQueue).length + (cpu.current === undefined ? 0 : 1);
      if (here < load) {
        load = here;
        best = cpu.index;
      }
    }
    return best;
  }

  #enqueue(task: Task): void {
    task.cpu = this.#place(task);
    (this.#queues[task.cpu] as RunQueue).push(task);
  }

  #switchTo(cpu: Cpu, next: Task | undefined): void {
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
    this.hooks.contextSwitch.call(cpu, previous, next);
  }

  /** Something changed for a task that may be running: its program must hand the CPU back. */
  #touch(task: Task): void {
    if (!task.onCpu) return;
    const cpu = this.cpus[task.cpu] as Cpu;
    cpu.attention = true;
    if (task.state !== 'running' && !this.#busy.has(cpu)) this.schedule(task.cpu);
  }

  #canRun(cpu: Cpu): boolean {
    if (!cpu.online || this.#busy.has(cpu) || cpu.suspended) return false;
    const current = cpu.current;
    if (current === undefined || current.state !== 'running' || this.#reschedule[cpu.index]) this.schedule(cpu.index);
    return cpu.current !== undefined;
  }

  #starving(): boolean {
    for (const task of this.#tasks.values()) if (task.state === 'waiting') return true;
    return false;
  }

  #nextTurn(): void {
    this.#turn = (this.#turn + 1) % this.cpus.length;
    this.#turnLeft = this.#quantum;
  }

  #stopped(instructions: number): RunResult {
    const stop = this.#stop as Omit<RunResult, 'instructions'>;
    this.#stop = undefined;
    return { ...stop, instructions };
  }

  /** Lets the current task of a CPU execute up to `limit` instructions; returns how many retired. */
  #slice(cpu: Cpu, limit: number): number {
    const task = cpu.current as Task;
    if (task.context.mode === 'user' && task.pending.length > 0) {
      this.#takeSignal(task);
      return 0;
    }
    const frame = task.stack.at(-1);
    if (frame === undefined) {
      this.exit(task);
      return 0;
    }
    this.#busy.add(cpu);
    let retired: number;
    cpu.beginRun();
    try {
      retired = frame.program.run(cpu, limit);
    } finally {
      this.#busy.delete(cpu);
    }
    cpu.account(retired);
    if (frame.program.state === 'done') this.#finishFrame(cpu, task, frame);
    else if (frame.program.state === 'starved' && task.state === 'running') task.state = 'waiting';
    if (cpu.clock.now >= (this.#nextTick[cpu.index] as number)) this.#timerTick(cpu);
    return retired;
  }

  #takeSignal(task: Task): void {
    const info = task.pending.shift() as SignalInfo;
    if (task.tracer !== undefined && task.tracer.signal(task, info) === 'stop') this.halt(task);
    else this.deliverSignal(task, info);
  }

  #finishFrame(cpu: Cpu, task: Task, frame: Frame): void {
    const at = task.stack.indexOf(frame);
    if (at < 0) return;
    task.stack.splice(at, 1);
    const { interrupted, kind } = frame;
    if (interrupted === undefined) return;
    if (kind === 'signal') {
      task.context.restore(interrupted);
      return;
    }
    // A system call may have changed general registers: only the way back is restored.
    task.context.pcHi = interrupted.pcHi;
    task.context.pcLo = interrupted.pcLo;
    task.context.mode = interrupted.mode;
    task.context.singleStep = interrupted.singleStep;
    this.entry.systemCallExit(cpu, task, interrupted.singleStep);
  }

  #timerTick(cpu: Cpu): void {
    const i = cpu.index;
    while ((this.#nextTick[i] as number) <= cpu.clock.now)
      this.#nextTick[i] = (this.#nextTick[i] as number) + this.#tick;
    this.hooks.tick.call(cpu);
    if ((this.#queues[i] as RunQueue).length > 0) this.#reschedule[i] = true;
  }
}
