import {
  type ConsumerClass,
  composeKernel,
  type Kernel,
  type KernelOptions,
  type Plugin,
  type RunResult,
} from '@hwbp/core';
import { parseOptions } from './options.js';
import { teachingKernel } from './teaching-kernel.js';

/** Instructions behind which a kernel that has not come to its end is taken to hang. */
const MOST = 200_000;

/** What an exercise adds to the kernel. */
export interface Play {
  readonly plugins?: readonly (Plugin | ConsumerClass)[];
  readonly kernel?: Partial<KernelOptions>;
  /** Behind the kernel's own set-up, before the first instruction. */
  readonly before?: (kernel: Kernel) => void;
  /** In place of letting it run to its end. */
  readonly run?: (kernel: Kernel) => RunResult;
}

export const toItsEnd = ({ machine }: Kernel): RunResult => machine.run(MOST);

/** Composes the kernel for a command line, lets it run to its end, and returns it with its report. */
export async function play(
  args: readonly string[],
  { plugins = [], kernel: options = {}, before, run = toItsEnd }: Play = {},
): Promise<{ readonly kernel: Kernel; readonly report: string }> {
  const config = teachingKernel(parseOptions(args), plugins);
  const kernel = composeKernel({ ...config.kernel, ...options });
  await config.setup?.(kernel);
  before?.(kernel);
  const result = run(kernel);
  return { kernel, report: config.report?.(kernel, result) ?? '' };
}
