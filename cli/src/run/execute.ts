import type { Kernel, RunResult } from '@hwbp/core';
import type { Interrupt } from '../interrupt.js';
import type { KernelConsole } from '../kernel-console.js';
import type { Progress } from '../progress.js';
import { sliceOf } from './slice.js';

/** Milliseconds between two looks at whether Ctrl-C was pressed, about. */
const LOOK = 50;
const FEWEST = 1000;
const MOST = 1_000_000;

/** What a run is shown, and stopped, by. */
interface ExecuteParts {
  readonly interrupt: Interrupt;
  readonly progress: Progress;
  /** Where something may be typed that the kernel waits for. */
  readonly terminal: KernelConsole | undefined;
}

/** Why a run is stopped for a moment: its last task has ended. */
const LAST = Symbol('the last task has ended');

/** Has a piece of a run end with the last task: the next one is not cut. */
function stopAtLast({ machine }: Kernel): () => void {
  const stop = (): void => {
    if (machine.tasks.size === 0) machine.stop('the last task has ended', LAST);
  };
  return machine.hooks.exit.add(stop, { last: true });
}

/**
 * Lets a kernel run to its end, through its budget, or until Ctrl-C; shows how far it is. What others suspend goes on.
 */
export async function execute(
  kernel: Kernel,
  budget: number,
  { interrupt, progress, terminal }: ExecuteParts,
): Promise<RunResult> {
  terminal?.listen();
  let instructions = 0;
  const end = budget === Number.POSITIVE_INFINITY ? stopAtLast(kernel) : (): void => {};
  // Some kernels do a hundred times more an instruction than others: a key is noticed all the same.
  let slice = FEWEST;
  try {
    for (;;) {
      const began = performance.now();
      const result = kernel.machine.run(sliceOf(kernel, slice, budget - instructions));
      const took = performance.now() - began;
      slice = Math.max(FEWEST, Math.min(MOST, took > LOOK ? slice >> 1 : took < LOOK / 4 ? slice << 1 : slice));
      instructions += result.instructions;
      if (result.reason === 'stopped' && result.detail instanceof Error) throw result.detail;
      if (result.detail === LAST) continue;
      const goesOn = result.reason === 'suspended' || (result.reason === 'budget' && instructions < budget);
      progress.update(instructions);
      if (goesOn && !(await interrupt.look())) continue;
      const waits = result.reason === 'idle' && kernel.machine.tasks.size > 0 && instructions < budget;
      if (!waits || !(await terminal?.wait(interrupt.happened))) return { ...result, instructions };
    }
  } finally {
    end();
    progress.hide();
  }
}
