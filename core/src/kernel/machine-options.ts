import type { Cpu, Hardware, Trap } from '../hardware/index.js';
import type { Code } from '../programs/index.js';
import type { Finisher } from './die-chain.js';
import type { ErrorDecision } from './error-channel.js';
import type { Logger } from './logger.js';
import type { Scheduling } from './scheduling/scheduling.js';
import type { SchedulingClass } from './scheduling/scheduling-class.js';
import type { SchedulingParameters } from './scheduling/scheduling-parameters.js';
import type { SystemCalls } from './system-calls/index.js';
import type { Task } from './task.js';

/** What a kernel's entry code does not finish by itself: the rest of {@link Trap}. */
export type ArchTrap = Exclude<Trap, { readonly kind: 'syscall' | 'interrupt' | 'nmi' }>;

/**
 * The architecture's entry code: declared here, implemented by a backend. It is told in the end what became of its
 * exceptions.
 */
export interface ExceptionEntry extends Finisher {
  /** Something happened on `cpu` that the architecture has a way to take. */
  trap(cpu: Cpu, trap: ArchTrap): void;
  /**
   * Keeps the kernel's hands off a CPU's debug registers, until what this returns is called. `quiet` false: what is
   * armed stays armed meanwhile. Default true.
   */
  mute?(cpu: Cpu, quiet?: boolean): () => void;
  /**
   * The way into and out of a non-maskable interrupt, with `handlers` in between: whatever the architecture does to the
   * debug registers meanwhile. Without it nothing.
   */
  nonMaskable?(cpu: Cpu, handlers: () => void): void;
  /** A task makes a system call, and is still in user mode: what the entry code keeps of its registers. */
  systemCallEntry?(cpu: Cpu, task: Task): void;
  /** A system call returns to user mode; `stepped`: the task was single-stepping when it was made. */
  systemCallExit(cpu: Cpu, task: Task, stepped: boolean): void;
}

/** Entry code of a machine that has none yet. */
export const NO_ENTRY: ExceptionEntry = Object.freeze({ trap() {}, finish() {}, systemCallExit() {} });

/** Facts of the environment: data of the composition, not quirks. */
export interface MemoryLayout {
  /** Bytes in a page, a power of two. */
  readonly pageSize: number;
  /** First address above user space (Linux: TASK_SIZE_MAX). */
  readonly taskSize: bigint;
  /** Where the kernel sees physical memory linearly. */
  readonly directMap: bigint;
  /** Bytes of the address space that it has there. Default: see `ArchManifest.directMapSize`. */
  readonly directMapSize?: bigint;
}

/** Bytes, most of a direct map whose size nobody says: 1 TiB. */
const DIRECT_MAP_SIZE = 1n << 40n;

/** Bytes of a direct map. Where nobody says: what its base is aligned to, for that reaches into nothing else. */
export function directMapSize({ directMap, directMapSize: said }: MemoryLayout): bigint {
  if (said !== undefined) return said;
  const alignment = directMap & -directMap;
  return alignment === 0n || alignment > DIRECT_MAP_SIZE ? DIRECT_MAP_SIZE : alignment;
}

/** Nanoseconds: 250 ticks a second. */
export const TICK = 4_000_000;
/** Instructions. */
export const QUANTUM = 100;

/** How a kernel runs. */
export interface MachineOptions {
  readonly hardware: Hardware;
  readonly memory: MemoryLayout;
  /** CPUs that are offline at the start. */
  readonly offline?: readonly number[];
  /** Nanoseconds between timer ticks of a CPU. A tick ends the running task's time slice. Default 4,000,000. */
  readonly tick?: number;
  /** Instructions that a CPU executes before the next CPU has its turn. */
  readonly quantum?: number;
  readonly logger: Logger;
  /** The functions that an image can refer to. Default: none. */
  readonly code?: Code;
  /** How tasks get CPUs, with the class that decides. Default: round robin, at ticks of {@link tick}. */
  readonly tasks?: { readonly scheduling: Scheduling; readonly schedulingClass: SchedulingClass };
  /** System calls by number. Default: none, and no way to number them. */
  readonly systemCalls?: SystemCalls;
  /** What an error in the kernel's error channel does to the run. Default: it goes on. */
  readonly onError?: ErrorDecision;
}

/** How a task is made. */
export interface SpawnOptions {
  readonly comm?: string;
  /** Default: the next free number, from 1. */
  readonly pid?: number;
  readonly affinity?: Iterable<number>;
  /** Default `user`; `kernel` makes a kernel thread. */
  readonly mode?: 'user' | 'kernel';
  /** Default true. */
  readonly privileged?: boolean;
  /** Who the task runs as. Default 0, which gives no privilege by itself. */
  readonly uid?: number;
  /** It executes 32-bit instructions on a 64-bit kernel, where the architecture knows that. Default false. */
  readonly compat?: boolean;
  /** False: accesses to pages that are not mapped fault. Default true: they find zeroes. */
  readonly demandZero?: boolean;
  /** What the scheduling class is to know of it, such as `{ priority: 5 }`. Default: as the class says. */
  readonly scheduling?: SchedulingParameters;
  /** False: the task begins stopped. Default true. */
  readonly run?: boolean;
}

/**
 * Why `run` returned. `budget`: it is used up. `idle`: no task can run (all exited or stopped). `starved`: those that
 * could run wait for input. `held`: those that could run may not, by somebody's gate. `stopped`: somebody called
 * `stop`. `suspended`: an exception handler suspended; the next `run` goes on inside it.
 */
export interface RunResult {
  readonly reason: 'budget' | 'idle' | 'starved' | 'held' | 'stopped' | 'suspended';
  /** What `stop` or the suspension said. */
  readonly message?: string;
  /** Likewise; a `NoProgress` where an instruction has kept everybody from getting on. */
  readonly detail?: unknown;
  /** CPU on which it happened. */
  readonly cpu?: number;
  /** What the kernel did in this call that nobody may, and whose task it ended; absent: nothing. See `machine.oops`. */
  readonly oopses?: readonly string[];
  /** Instructions retired in this call. */
  readonly instructions: number;
}
