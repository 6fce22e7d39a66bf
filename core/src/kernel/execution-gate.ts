import type { Cpu } from '../hardware/index.js';
import type { Task } from './task.js';

/**
 * Who may execute while somebody, such as a debugger, is in control of the machine. What may not run keeps its place: a
 * CPU its task, a task its CPU and everything that is pending for it.
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

/** The gates of everybody who has one: whoever may execute passes all of them. */
export class Gates implements ExecutionGate {
  #gates: readonly ExecutionGate[] = [];
  readonly #changed: () => void;
  /** What {@link task} says, as a function. */
  readonly admits = (task: Task): boolean => this.task(task);

  /** `changed`: called when there is one more, or one less. */
  constructor(changed: () => void = () => {}) {
    this.#changed = changed;
  }

  /** Adds a gate to those that are there; returns the function that takes it away. */
  add(gate: ExecutionGate): () => void {
    if (typeof gate?.cpu !== 'function' || typeof gate.task !== 'function') {
      throw new TypeError('a gate has cpu(cpu) and task(task), which say who may execute');
    }
    // An entry of its own: the same gate can be added twice and taken away once.
    const entry: ExecutionGate = { cpu: (cpu) => gate.cpu(cpu), task: (task) => gate.task(task) };
    this.#gates = [...this.#gates, entry];
    this.#changed();
    return () => {
      this.#gates = this.#gates.filter((other) => other !== entry);
      this.#changed();
    };
  }

  get size(): number {
    return this.#gates.length;
  }

  /** True while nobody has one. */
  get open(): boolean {
    return this.#gates.length === 0;
  }

  cpu(cpu: Cpu): boolean {
    return this.#gates.every((gate) => gate.cpu(cpu));
  }

  task(task: Task): boolean {
    return this.#gates.every((gate) => gate.task(task));
  }
}
