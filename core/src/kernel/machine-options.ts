import type { Clock } from '../hardware/clock.js';
import type { Cpu } from '../hardware/cpu.js';
import type { DebugException, DebugUnit } from '../hardware/debug-unit.js';
import type { ByteOrder } from '../hardware/memory/physical-memory.js';
import type { Logger } from './logger.js';
import type { Task } from './task.js';

/** What the machine calls when an exception is taken; implemented by the architecture's entry code. */
export interface ExceptionEntry {
  /** The debug unit raised an exception on `cpu`. */
  debug(cpu: Cpu, exception: DebugException): void;
  /** A software breakpoint or a software debug exception completed. */
  trap(cpu: Cpu, trap: 'breakpoint' | 'debug'): void;
  /** An access by the current task has no page that allows it; the instruction did not complete. */
  pageFault(cpu: Cpu, address: bigint, write: boolean): void;
  /** An access in user mode faulted and goes on by itself: a page that was shared since a fork was copied. */
  minorFault(cpu: Cpu): void;
  /** A system call returns to user mode; `stepped`: the task was single-stepping when it was made. */
  systemCallExit(cpu: Cpu, task: Task, stepped: boolean): void;
}

/** Facts of the environment: data of the composition, not quirks. */
export interface MemoryLayout {
  /** Bytes in a page, a power of two. */
  readonly pageSize: number;
  /** First address above user space (Linux: TASK_SIZE_MAX). */
  readonly taskSize: bigint;
  /** Where the kernel sees physical memory linearly. */
  readonly directMap: bigint;
  /** Default `little`. */
  readonly byteOrder?: ByteOrder;
}

/** How a machine is made. */
export interface MachineOptions {
  /** Number of CPUs, 1 to 4096. */
  readonly cpus: number;
  /** CPUs that are offline at the start. */
  readonly offline?: readonly number[];
  readonly memory: MemoryLayout;
  /** The debug unit of each CPU. */
  readonly createUnit: (cpu: number) => DebugUnit;
  /** The clock of each CPU; default: {@link instructionTime} nanoseconds an instruction. */
  readonly createClock?: (cpu: number) => Clock;
  /** Nanoseconds an instruction takes, default 1000. */
  readonly instructionTime?: number;
  /** Nanoseconds between timer ticks of a CPU, default 4,000,000 (HZ 250). A tick ends the running task's time slice; it comes between turns (see {@link quantum}). */
  readonly tick?: number;
  /** Instructions that a CPU executes before the next CPU has its turn, default 100. */
  readonly quantum?: number;
  readonly logger: Logger;
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
  /** False: accesses to pages that are not mapped fault. Default true: they find zeroes. */
  readonly demandZero?: boolean;
  /** False: the task begins stopped. Default true. */
  readonly run?: boolean;
}

/**
 * Why `run` returned. `budget`: it is used up. `idle`: no task can run (all exited or stopped). `starved`: those that could run wait for
 * input. `held`: those that could run may not, by the machine's gate. `stopped`: somebody called `stop`. `suspended`: an exception handler
 * suspended; the next `run` goes on inside it.
 */
export interface RunResult {
  readonly reason: 'budget' | 'idle' | 'starved' | 'held' | 'stopped' | 'suspended';
  /** What `stop` or the suspension said. */
  readonly message?: string;
  readonly detail?: unknown;
  /** CPU on which it happened. */
  readonly cpu?: number;
  /** Instructions retired in this call. */
  readonly instructions: number;
}
