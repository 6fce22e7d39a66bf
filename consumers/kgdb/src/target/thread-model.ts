import type { AddressSpace, Context, Cpu, ExecutionGate, Task } from '@hwbp/core';
import type { ThreadsPort } from '../rsp/target-port.js';

/** What is a thread: a CPU, or a task. */
export interface ThreadModel extends ThreadsPort {
  readonly kind: 'cpus' | 'tasks';
  /** The thread in which an exception on this CPU happened. */
  at(cpu: Cpu, task: Task | undefined): number;
  /**
   * A thread to show where none of them caused the stop: the one that ran last, if it is still there. 0: there is none.
   * `among`: of these; default: of all.
   */
  preferred(latest: number, among?: readonly number[]): number;
  /** The thread's registers; `undefined` if it has none now: its CPU idles. */
  context(thread: number): Context | undefined;
  /** The memory that the thread reaches at an address. */
  memory(thread: number, address: bigint): AddressSpace;
  /** Instructions that the thread has retired. */
  instructions(thread: number): number;
  /** True if there is something that it could execute, were it its turn. */
  canExecute(thread: number): boolean;
  /** Lets these threads execute and no other. */
  gate(threads: readonly number[]): ExecutionGate;
}
