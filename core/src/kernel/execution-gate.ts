import type { Cpu } from '../hardware/cpu.js';
import type { Task } from './task.js';

/**
 * Who may execute while a debugger is in control of the machine. What may not run keeps its place: a CPU its task, a task its CPU and
 * everything that is pending for it.
 *
 * Both are asked often while a gate is set, and must be quick and without side effects.
 */
export interface ExecutionGate {
  /** May this CPU execute, and finish an exception that it is suspended in? */
  cpu(cpu: Cpu): boolean;
  /** May this task be on a CPU that executes? */
  task(task: Task): boolean;
}

/** The gate of a debugger that has stopped the world. */
export const NOBODY_RUNS: ExecutionGate = Object.freeze({ cpu: () => false, task: () => false });
