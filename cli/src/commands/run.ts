import type { Kernel, RunResult } from '@hwbp/core';
import type { Command } from 'commander';
import { z } from 'zod';
import { composeConfig, loadConfig } from '../config/load-config.js';
import { runError } from '../errors.js';
import { Output } from '../output.js';
import { count, parseOptions } from './option-types.js';

const HELP = `
CONFIG is a file of TypeScript or JavaScript whose default export says what the kernel is made of and what happens in it:

  import { x86 } from '@hwbp/arch-x86';
  import { defineKernel, program } from '@hwbp/core';

  export default defineKernel({
    kernel: { arch: x86(), cpus: 4 },
    setup(kernel) {
      kernel.machine.spawn(program(function* () { ... }));
    },
  });

Example:
  hwbp run kernel.config.ts

Exit code: 0 it ran to its end or through its budget; 1 the run failed; 2 the command line or the config is wrong.`;

/** What the end of a run means. */
const ENDS: Readonly<Record<RunResult['reason'], string>> = {
  budget: 'the budget is used up',
  idle: 'nothing can run any more',
  starved: 'programs wait for input',
  held: 'a debugger holds the machine',
  stopped: 'the kernel stopped',
  suspended: 'the machine was stopped inside an exception',
};

/** Adds \`hwbp run\` to the program. */
export function addRun(program: Command): void {
  program
    .command('run')
    .summary('compose a kernel from a config and let it run')
    .description('Composes a kernel from a config file and lets it run.')
    .argument('<config>', 'a file such as kernel.config.ts')
    .option('-b, --budget <n>', "instructions to execute; default: the config's, or until nothing can run")
    .addHelpText('after', HELP)
    .action((file: string, raw: unknown) => run(file, parseOptions(schema, raw, 'run').budget));
}

const schema = z.object({ budget: count(999_999_999).optional() });

/** Lets a kernel run to its end. What others suspend goes on. */
function execute(kernel: Kernel, budget: number): RunResult {
  let instructions = 0;
  for (;;) {
    const result = kernel.machine.run(budget - instructions);
    instructions += result.instructions;
    if (result.reason === 'stopped' && result.detail instanceof Error) throw result.detail;
    if (result.reason !== 'suspended') return { ...result, instructions };
  }
}

async function run(file: string, budget: number | undefined): Promise<void> {
  const config = await loadConfig(file);
  using kernel = await composeConfig(file, config);
  const output = new Output(process.stdout);
  output.write(`${kernel.describe()}\n\n`);
  let result: RunResult;
  try {
    result = execute(kernel, budget ?? config.budget ?? Number.POSITIVE_INFINITY);
  } catch (error) {
    output.flush();
    throw runError(`${file}: the run failed: ${error instanceof Error ? error.message : String(error)}`);
  }
  const report = config.report?.(kernel, result);
  if (report !== undefined) output.write(`${report.trimEnd()}\n\n`);
  const { reason, message, instructions } = result;
  const why = message === undefined ? ENDS[reason] : `${ENDS[reason]}: ${message}`;
  output.write(`${instructions.toLocaleString('en')} instruction${instructions === 1 ? '' : 's'}; ${why}\n`);
  await output.drain();
}
