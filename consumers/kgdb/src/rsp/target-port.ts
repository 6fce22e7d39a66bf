import type { TargetDescription } from '@hwbp/core';

/*
 * What the protocol engine asks of whatever is debugged, one contract for each family of packets. An error that a
 * method throws as a `KernelError` is a refusal: the debugger gets its errno, and nothing was changed. Any other error
 * ends the session.
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
  exists(id: number): boolean;
  /** The CPU that a thread is on, or was last; `undefined` if there is no such thread. */
  cpuOf(id: number): number | undefined;
}

/** A target's registers as a debugger is told of them: how they are reached is the target's own affair. */
export type RegisterLayout = Omit<TargetDescription, 'read' | 'write'>;

/** Registers by their numbers in the target description. Asked for threads that exist. */
export interface RegistersPort {
  readonly description: RegisterLayout;
  read(thread: number, register: number): bigint;
  write(thread: number, register: number, value: bigint): void;
}

/** Memory as a thread sees it. Asked for threads that exist. */
export interface MemoryPort {
  /** `length` bytes, or fewer where the rest cannot be read; refuses if not even the first can. */
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

/** Breakpoints and watchpoints. `length`: bytes for watchpoints, the kind for breakpoints. */
export interface PointsPort {
  /** Inserting twice is inserting once. */
  insert(type: PointType, address: bigint, length: number): PointOutcome;
  /** Refuses what was not inserted. */
  remove(type: PointType, address: bigint, length: number): PointOutcome;
  /** Removes all of them. */
  clear(): void;
}

/** Why a thread stopped, where a debugger wants to know more than the signal. */
export type StopReason =
  | { readonly kind: 'swbreak' | 'hwbreak' }
  /** Every thread that was resumed has ended; the one of the stop is one of those that were not. */
  | { readonly kind: 'no-resumed' }
  | { readonly kind: 'watch' | 'rwatch' | 'awatch'; readonly address: bigint };

/** How the target stands. A stop names a thread that was resumed: debuggers take the others to stand still. */
export type Stop =
  | { readonly kind: 'stopped'; readonly signal: number; readonly thread: number; readonly reason?: StopReason }
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: number };

/** What is to be resumed. */
export interface ResumePlan {
  /** Executes one instruction, or (`end` above `start`) until the program counter leaves `[start, end)`. */
  readonly step?: { readonly thread: number; readonly start: bigint; readonly end: bigint };
  /** The threads that may execute, in their turns; `undefined`: all. */
  readonly threads?: readonly number[];
}

export interface ExecutionPort {
  /** How the target stands while it is stopped. */
  readonly stop: Stop;
  /** Lets the target go on; {@link onStop} is called once it has stopped again. */
  resume(plan: ResumePlan): void;
  /** Asks it to stop as soon as possible, with SIGINT. */
  interrupt(): void;
  onStop: (stop: Stop) => void;
  /** Addresses at run time minus those that the linker gave; `undefined`: nobody said. */
  readonly bias: bigint | undefined;
}

export interface MonitorPort {
  /** Answers a `monitor` command with lines of text. `refusal`: why the latest refused packet was. */
  command(line: string, refusal: string | undefined): string;
}

/** A target: all of its capabilities. Those that are optional are there as a whole, or not at all. */
export interface TargetPort {
  readonly threads: ThreadsPort;
  readonly registers: RegistersPort;
  readonly memory: MemoryPort;
  readonly execution: ExecutionPort;
  readonly points?: PointsPort;
  readonly monitor?: MonitorPort;
}
