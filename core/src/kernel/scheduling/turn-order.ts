/** A turn of a CPU: it executes alone for so many instructions, or until it has nothing to execute. */
export interface Turn {
  readonly cpu: number;
  /** Instructions that it may retire, at least 1. */
  readonly length: number;
}

/** In which order the CPUs of a machine execute, and for how long. Without it: by number, a quantum each. */
export interface TurnOrder {
  /**
   * The turn that comes. Changes nothing: the kernel asks also to tell others, and asks again where in the end nobody
   * could execute. `cpus`: those that have something to do, at least one. If the one of the answer then may not, the
   * next one by number that may has the turn.
   */
  next(cpus: readonly number[]): Turn;
  /** The latest answer of {@link next} is what happens now. */
  begin(turn: Turn): void;
  /**
   * A turn is used up: true if that is also the end of the time of the task that the CPU runs, which wants to go on.
   */
  ended(cpu: number): boolean;
}
