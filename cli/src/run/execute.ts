import type { Kernel, RunResult } from '@hwbp/core';
import type { Interrupt } from '../interrupt.js';
import type { Progress } from '../progress.js';

/** Milliseconds between two looks at whether Ctrl-C was pressed, about. */
const LOOK = 50;
const FEWEST = 1000;
const MOST = 1_000_000;

/**
 * Lets a kernel run to its end, through its budget, or until Ctrl-C; shows how far it is. What others suspend goes on.
 */
export async function execute(
  kernel: Kernel,
  budget: number,
  interrupt: Interrupt,
  progress: Progress,
): Promise<RunResult> {
  let instructions = 0;
  // Some kernels do a hundred times more an instruction than others: a key is noticed all the same.
  let slice = FEWEST;
  try {
    for (;;) {
      const began = performance.now();
      const result = kernel.machine.run(Math.min(slice, budget - instructions));
      const took = performance.now() - began;
      slice = Math.max(FEWEST, Math.min(MOST, took > LOOK ? slice >> 1 : took < LOOK / 4 ? slice << 1 : slice));
      instructions += result.instructions;
      if (result.reason === 'stopped' && result.detail instanceof Error) throw result.detail;
      const goesOn = result.reason === 'suspended' || (result.reason === 'budget' && instructions < budget);
      if (!goesOn || (await interrupt.look())) return { ...result, instructions };
      progress.update(instructions);
    }
  } finally {
    progress.hide();
  }
}
