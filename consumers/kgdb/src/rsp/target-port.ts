import type { TargetLayout } from '@hwbp/core';

/*
 * What the protocol engine asks of whatever is debugged, one contract for each family of packets: a TargetPort is all
 * of them. examples/src/emulator is a whole one, of a RISC-V core.
 *
 * For whoever writes a target: arguments are checked. Threads exist, registers have their numbers, addresses are of 64
 * bits, lengths no longer than a packet. An error that a method throws as a `KernelError` is a refusal: the debugger
 * gets its errno, and nothing may have been changed. Any other error is a bug, and ends the session. Nothing is called
 * while the target runs, but `execution.interrupt`.
 */

/** What a debugger calls a thread. Numbers are from 1. */
export interface ThreadInfo {
  readonly id: number;
  readonly name: string;
  /** The CPU that it is on, or was last. */
  readonly cpu: number;
}

export interface ThreadsPort {
  /** The threads that there are now, by number. */
  list(): readonly ThreadInfo[];
  /**
   * One of them, without a look at the others; `undefined` if there is no such thread. Where it is absent the list is
   * looked through.
   */
  info?(id: number): ThreadInfo | undefined;
  exists(id: number): boolean;
  /** The CPU that a thread is on, or was last; `undefined` if there is no such thread. */
  cpuOf(id: number): number | undefined;
}

/** Registers by their numbers in the target description. Asked for threads that exist. */
export interface RegistersPort {
  /** What registers there are; `targetLayout` of @hwbp/core makes it from a list. */
  readonly description: TargetLayout;
  read(thread: number, register: number): bigint;
  write(thread: number, register: number, value: bigint): void;
}

/** Memory as a thread sees it. Asked for threads that exist. */
export interface MemoryPort {
  /** `length` bytes, or fewer where the rest cannot be read; none, or a refusal, if not even the first can. */
  read(thread: number, address: bigint, length: number): Uint8Array;
  /** All or nothing. */
  write(thread: number, address: bigint, bytes: Uint8Array): void;
}

/** A `Z` packet's type: 0 software, 1 hardware, 2 write, 3 read, 4 access. */
export type PointType = 0 | 1 | 2 | 3 | 4;

/** The target has no such thing; and why, for the person at the debugger, which itself may have another way. */
export interface Unsupported {
  readonly unsupported: string;
}

/**
 * What became of a point. The third outcome is a `KernelError` that is thrown: there are such points, but not this one.
 */
export type PointOutcome = 'ok' | Unsupported;

/** When a breakpoint is to stop: its conditions, of which one has to hold. */
export interface PointCondition {
  /** True if the thread is to stop. True, too, where that cannot be found out. */
  holds(thread: number): boolean;
}

/** Breakpoints and watchpoints. `length`: bytes for watchpoints, the kind for breakpoints. */
export interface PointsPort {
  /**
   * Inserting twice is inserting once, with the condition of the second time. A target that does not look at the
   * condition stops too often, which a debugger does not mind: it asks once more itself. `process`: whose threads stop
   * there; 1 unless the target has {@link ProcessesPort}.
   */
  insert(type: PointType, address: bigint, length: number, condition?: PointCondition, process?: number): PointOutcome;
  /** Refuses what was not inserted. */
  remove(type: PointType, address: bigint, length: number, process?: number): PointOutcome;
  /** Removes all of them. */
  clear(): void;
}

/** Why a thread stopped, where a debugger wants to know more than the signal. */
export type StopReason =
  | { readonly kind: 'swbreak' | 'hwbreak' }
  /** Every thread that was resumed has ended; the one of the stop is one of those that were not. */
  | { readonly kind: 'no-resumed' }
  | { readonly kind: 'watch' | 'rwatch' | 'awatch'; readonly address: bigint }
  /** A system call begins, or has come to its end: see {@link SystemCallsPort}. */
  | { readonly kind: 'syscall_entry' | 'syscall_return'; readonly number: number }
  /** The thread has made this process, of which that thread is the first: see {@link ProcessesPort}. */
  | { readonly kind: 'fork' | 'vfork'; readonly child: number; readonly process: number }
  /** The child of a vfork has let go of its parent's memory. */
  | { readonly kind: 'vforkdone' }
  /** The thread's process executes another program. Points of the one before are gone. */
  | { readonly kind: 'exec'; readonly path: string };

/**
 * How the target stands. A stop names a thread that was resumed: debuggers take the others to stand still. `process`:
 * the one that has ended, of a target with {@link ProcessesPort}.
 */
export type Stop =
  | { readonly kind: 'stopped'; readonly signal: number; readonly thread: number; readonly reason?: StopReason }
  | { readonly kind: 'exited'; readonly code: number; readonly process?: number }
  | { readonly kind: 'killed'; readonly signal: number; readonly process?: number };

/** What is to be resumed. */
export interface ResumePlan {
  /** Executes one instruction, or (`end` above `start`) until the program counter leaves `[start, end)`. */
  readonly step?: { readonly thread: number; readonly start: bigint; readonly end: bigint };
  /** The threads that may execute, in their turns; `undefined`: all. */
  readonly threads?: readonly number[];
  /**
   * Beside {@link threads}: processes whose threads may, those that come meanwhile included. Of targets with
   * {@link ProcessesPort}.
   */
  readonly processes?: readonly number[];
  /**
   * Signals that threads get as they go on, by GDB's numbers: for targets with signals. A thread that has stopped for
   * one, and goes on without, does not get it.
   */
  readonly signals?: ReadonlyMap<number, number>;
}

/** Signals of the program itself: it stops for each before it is delivered. By GDB's numbers. */
export interface SignalsPort {
  /** The signals that are delivered without a stop, from now on. */
  pass(signals: ReadonlySet<number>): void;
  /** `siginfo_t` of the signal that a thread has stopped for; `undefined`: for none. */
  info(thread: number): Uint8Array | undefined;
}

export interface ExecutionPort {
  /** How the target stands while it is stopped. */
  readonly stop: Stop;
  /**
   * Lets the target go on, and returns: {@link onStop} is called once it has stopped again, or has come to its end.
   * Once for each resumption. Nobody is to execute but the threads of the plan.
   */
  resume(plan: ResumePlan): void;
  /** Asks it to stop as soon as possible, with SIGINT (2). It may have stopped for another reason meanwhile. */
  interrupt(): void;
  /** The engine's own; the target calls it. */
  onStop: (stop: Stop) => void;
  /** Addresses at run time minus those that the linker gave; `undefined`: nobody said, they are the same. */
  readonly bias: bigint | undefined;
}

export interface MonitorPort {
  /** Answers a `monitor` command with lines of text. `refusal`: why the latest refused packet was. */
  command(line: string, refusal: string | undefined): string;
}

/** The program's auxiliary vector: what its kernel told it when it began (`info auxv`). */
export interface AuxvPort {
  /** As it lies in the program's memory: words of the target, `AT_NULL` at the end. */
  read(): Uint8Array;
}

/** What becomes of processes, where a debugger wants a stop for it. */
export type ProcessEvent = 'fork' | 'vfork' | 'exec';

/**
 * Processes that a debugger has, by number. A target without this is process 1, whatever runs in it; one that has it
 * begins so, and has another once it has told of a fork.
 */
export interface ProcessesPort {
  /** The events that it can tell of. */
  readonly events: readonly ProcessEvent[];
  /**
   * The events to stop for, from now on. Without `fork` a process that is made belongs to the one that has made it.
   */
  follow(events: ReadonlySet<ProcessEvent>): void;
  /** Those that the debugger has, ascending. */
  list(): readonly number[];
  /** The process of a thread that exists. */
  of(thread: number): number;
  /**
   * The debugger lets go of one of several, with everything that it has in it: its threads are none any more, and
   * execute whenever the target does.
   */
  detach(process: number): void;
}

/** System calls to stop at: all, those of these numbers, or none. */
export type CaughtCalls = 'all' | ReadonlySet<number> | undefined;

/** System calls of the program. It stops twice for each that is caught: before it does anything, and as it returns. */
export interface SystemCallsPort {
  /** Which calls of a process, from now on. */
  catch(calls: CaughtCalls, process: number): void;
}

/** A target: all of its capabilities. Those that are optional are there as a whole, or not at all. */
export interface TargetPort {
  readonly threads: ThreadsPort;
  readonly registers: RegistersPort;
  readonly memory: MemoryPort;
  readonly execution: ExecutionPort;
  readonly points?: PointsPort;
  readonly monitor?: MonitorPort;
  readonly signals?: SignalsPort;
  readonly auxv?: AuxvPort;
  readonly processes?: ProcessesPort;
  readonly systemCalls?: SystemCallsPort;
}
