import type { AddressSpace, Context, Cpu, ExecutionGate, Task } from '@hwbp/core';
import type { ThreadsPort } from '../rsp/target-port.js';
import type { Resumed } from './resumed.js';

/** What is a thread: a CPU, or a task. */
export interface ThreadModel extends ThreadsPort {
  readonly kind: 'cpus' | 'tasks';
  /** The thread in which an exception on this CPU happened; 0: that of a task which the debugger has let go of. */
  at(cpu: Cpu, task: Task | undefined): number;
  /**
   * A thread to show where none of them caused the stop: the one that ran last, if it is still there. 0: there is none.
   * `among`: of these; default: of all.
   */
  preferred(latest: number, among?: Resumed): number;
  /** The thread's registers; `undefined` if it has none now: its CPU idles. */
  context(thread: number): Context | undefined;
  /** The memory that the thread reaches at an address. */
  memory(thread: number, address: bigint): AddressSpace;
  /** Instructions that the thread has retired. */
  instructions(thread: number): number;
  /** True if there is something that it could execute, were it its turn. */
  canExecute(thread: number): boolean;
  /** Lets these threads execute and no other of the debugger's. */
  gate(resumed: Resumed): ExecutionGate;
  /** True once there is nothing left that could ever execute. */
  readonly over: boolean;
  /** The process of a task; 0: the debugger has let go of it. */
  processOf(task: Task): number;
}
