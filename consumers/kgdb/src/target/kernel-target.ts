import type { AddressSpace, Hit, Task } from '@hwbp/core';
import { mayLackText } from '../gdb-habits.js';
import { kernelMonitor } from '../monitor/kernel-monitor.js';
import type { Monitor } from '../monitor/monitor.js';
import type { DebugTarget, Progress } from '../rsp/debug-target.js';
import type { AuxvPort } from '../rsp/target-port.js';
import { FIRST_PROCESS } from '../rsp/thread-id.js';
import { encodeAuxv } from './auxv.js';
import { Control } from './control.js';
import { CpuClaims } from './cpu-claims.js';
import { CpuThreads } from './cpu-threads.js';
import { Memory } from './memory.js';
import { OWNER, type TargetParts } from './parts.js';
import { Points } from './points.js';
import type { Processes } from './processes.js';
import { Registers } from './registers.js';
import type { Signals } from './signals.js';
import type { SystemCalls } from './system-calls.js';
import { TaskClaims } from './task-claims.js';
import { TaskOrCpuClaims } from './task-or-cpu-claims.js';
import { TaskPorts } from './task-ports.js';
import { TaskThreads } from './task-threads.js';
import type { ThreadModel } from './thread-model.js';

/** How a kernel is shown to its debugger. */
export interface KernelTargetOptions {
  readonly threads: ThreadModel['kind'];
  readonly systemCalls: boolean;
  readonly bias: bigint | undefined;
  readonly auxv: ReadonlyMap<number, bigint> | undefined;
  readonly notice: (text: string) => void;
}

/** A kernel as a target: its debugger is a part of it. */
export class KernelTarget implements DebugTarget {
  readonly threads: ThreadModel;
  readonly registers: Registers;
  readonly memory: Memory;
  readonly execution: Control;
  readonly points: Points<Hit>;
  readonly monitor: Monitor;
  /** Tasks have signals, CPUs have none. */
  readonly signals?: Signals;
  readonly auxv?: AuxvPort;
  readonly processes?: Processes;
  readonly systemCalls?: SystemCalls;
  readonly #tasks: TaskPorts | undefined;

  constructor(parts: TargetParts, { threads: kind, systemCalls, bias, auxv, notice }: KernelTargetOptions) {
    const { machine, manifest } = parts;
    const tasks = kind === 'tasks' ? new TaskPorts(parts, this) : undefined;
    const isDebugged = (task: Task): boolean => tasks?.processes.has(task) !== false;
    const processOf = (thread: number): number => tasks?.processes.of(thread) ?? FIRST_PROCESS;
    const threads = tasks === undefined ? new CpuThreads(machine) : new TaskThreads(machine, tasks.processes);
    const taskClaims = tasks === undefined ? undefined : new TaskClaims(parts, isDebugged, notice);
    const cpuClaims = new CpuClaims(parts, notice);
    const claims = taskClaims === undefined ? cpuClaims : new TaskOrCpuClaims(taskClaims, cpuClaims, manifest.taskSize);
    const changed = (cause: string): void => machine.depart(cause);
    this.threads = threads;
    this.registers = new Registers(parts.description, threads, changed);
    this.memory = new Memory(threads, changed, mayLackText(parts.description) ? parts.texts : []);
    this.#tasks = tasks;
    if (tasks !== undefined) this.signals = tasks.signals;
    if (tasks !== undefined && systemCalls) {
      this.processes = tasks.processes;
      if (tasks.systemCalls !== undefined) this.systemCalls = tasks.systemCalls;
    }
    this.execution = new Control(parts, threads, {
      notice,
      leaving: () => {
        taskClaims?.shed();
        this.points.settle();
      },
      isPoint: (address, thread) => this.points.has(address, thread),
      stops: (address, thread) => this.points.stops(address, thread),
      check: (plan) => this.signals?.check(plan),
      prepare: (plan, resumed) => this.signals?.resume(plan, resumed),
      processOf,
      ...(bias === undefined ? {} : { bias }),
    });
    // Asked for anew each time: a kernel that has lost its hardware has lost what is planted there too.
    const planted = {
      plant: (address: bigint) => machine.planted.plant(address, OWNER),
      lift: (address: bigint) => machine.planted.lift(address),
      other: (address: bigint) => {
        const owner = machine.planted.ownerOf(address);
        return owner === OWNER || owner === '' ? undefined : owner;
      },
    };
    const memoryAt = (address: bigint): AddressSpace => {
      const { stop } = this.execution;
      return threads.memory(stop.kind === 'stopped' ? stop.thread : 0, address);
    };
    const decodes = manifest.timing.data === 'before';
    const threadOf = ({ cpu, task }: Hit): number => threads.at(cpu, task);
    const pointParts = { manifest, planted, decodes, threadOf, processOf, memoryAt };
    this.points = new Points<Hit>(pointParts, claims, (hit, reason) => this.execution.hit(hit, reason));
    this.monitor = kernelMonitor(parts);
    if (auxv !== undefined) this.auxv = { read: () => encodeAuxv(auxv, manifest) };
  }

  attach(): void {
    try {
      this.execution.attach();
    } catch (error) {
      // Somebody else has stopped the world: nothing of theirs is touched.
      this.#unhook();
      throw error;
    }
  }

  run(budget: number): Progress {
    return this.execution.run(budget);
  }

  get ended(): boolean {
    return this.execution.inside && this.execution.stop.kind !== 'stopped';
  }

  release(): void {
    this.points.clear();
    this.execution.release();
    this.#unhook();
  }

  #unhook(): void {
    this.execution.unhook();
    this.#tasks?.dispose();
    this.points.dispose();
  }
}
