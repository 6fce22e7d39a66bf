import type { Task } from '../kernel/index.js';
import { Facet } from './facet.js';

/**
 * How a tracer has a task single-stepped, where that is more than a flag that the tracer owns while it waits for the
 * step: the kernel may be stepping the same task for reasons of its own (arm64: TIF_SINGLESTEP and PSTATE.SS).
 *
 * For consumers: call one of them whenever the task goes on, after everything else about it is settled.
 */
export interface SingleStep {
  /** The task executes one instruction (Linux: user_enable_single_step). */
  enable(task: Task): void;
  /** It goes on without (Linux: user_disable_single_step). */
  disable(task: Task): void;
}

export const SINGLE_STEP = new Facet<SingleStep>(
  'single step',
  'SingleStep (enable and disable), and offer it with SINGLE_STEP',
);
