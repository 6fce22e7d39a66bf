import type { Kernel, RunResult } from '@hwbp/core';
import { Xmon } from '@hwbp/xmon';
import type { Command } from 'commander';
import { z } from 'zod';
import { composeConfig, loadConfig, reportOf, runOf } from '../config/load-config.js';
import { userCode } from '../config/user-code.js';
import { EXIT_INTERRUPTED, runError, usageError } from '../errors.js';
import { Interrupt } from '../interrupt.js';
import { KernelConsole } from '../kernel-console.js';
import { Output } from '../output.js';
import { expectConfig } from '../replay/sniff-file.js';
import { drive } from '../xmon/drive.js';
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

With --xmon the kernel's debugger has the machine before the first instruction: type ? for its commands, x to let the
machine go on, Ctrl-C to get it back, Ctrl-D to let it run on without xmon. A script does on standard input, too.

What the kernel writes to its console, as a serial port or the call write does, is shown; if a device or a call reads there,
standard input is typed into it, and a kernel that waits for that waits for you.

Examples:
  hwbp run kernel.config.ts
  hwbp run kernel.config.ts --xmon --history .xmon_history
  echo 'bdw requests_served
  x' | hwbp run kernel.config.ts --xmon

Exit code: 0 it ran to its end or through its budget; 1 the run failed, or the kernel did something that it may not
(an oops); 2 the command line or the config is wrong; 130 Ctrl-C, after the report.`;

/** What the end of a run means. */
const ENDS: Readonly<Record<RunResult['reason'], string>> = {
  budget: 'the budget is used up',
  idle: 'nothing can run any more',
  starved: 'programs wait for input',
  held: 'a debugger holds the machine',
  stopped: 'the kernel stopped',
  suspended: 'the machine was stopped inside an exception',
};

/** Gives `hwbp run` its options, and what it does. */
export function addRun(command: Command): void {
  command
    .description('Composes a kernel from a config file and lets it run.')
    .argument('<config>', 'a file such as kernel.config.ts')
    .option('-b, --budget <n>', "instructions to execute; default: the config's, or until nothing can run")
    .option('-x, --xmon', "enter the kernel's debugger before the first instruction, and whenever it is wanted")
    .option('--read-only', 'xmon can change nothing')
    .option('--history <file>', 'keep what is typed to xmon in a file')
    .addHelpText('after', HELP)
    .action((file: string, raw: unknown) => run(file, parseRunOptions(raw)));
}

const schema = z.object({
  budget: count(999_999_999).optional(),
  xmon: z.boolean().default(false),
  readOnly: z.boolean().default(false),
  history: z.string().min(1, 'the name of a file').optional(),
});

type RunOptions = z.output<typeof schema>;

function parseRunOptions(raw: unknown): RunOptions {
  const options = parseOptions(schema, raw, 'run');
  if (!options.xmon && (options.readOnly || options.history !== undefined))
    throw usageError('--read-only and --history are for --xmon', 'hwbp run --help shows the options');
  return options;
}

/** Instructions between two looks at whether Ctrl-C was pressed. */
const SLICE = 1_000_000;

/** Lets a kernel run to its end, or until Ctrl-C. What others suspend goes on. */
async function execute(
  kernel: Kernel,
  budget: number,
  interrupt: Interrupt,
  terminal: KernelConsole,
  output: Output,
): Promise<RunResult> {
  let instructions = 0;
  for (;;) {
    const slice = Math.min(SLICE, budget - instructions);
    const result = kernel.machine.run(slice);
    instructions += result.instructions;
    if (result.reason === 'stopped' && result.detail instanceof Error) throw result.detail;
    const goesOn = result.reason === 'suspended' || (result.reason === 'budget' && instructions < budget);
    output.flush();
    if (goesOn && !(await interrupt.look())) continue;
    const waits = result.reason === 'idle' && kernel.machine.tasks.size > 0 && instructions < budget;
    if (!waits || !(await terminal.wait(interrupt.happened))) return { ...result, instructions };
  }
}

/** By xmon as long as somebody uses it. */
async function executeWith(
  kernel: Kernel,
  budget: number,
  output: Output,
  options: RunOptions,
  inputs: readonly string[],
): Promise<RunResult> {
  if (options.xmon) {
    const { readOnly, history } = options;
    const result = await drive(kernel, budget, output, { readOnly, history, inputs });
    if (result?.detail instanceof Error) throw result.detail;
    if (result !== undefined) return result;
  }
  const before = kernel.machine.count;
  using interrupt = new Interrupt();
  using terminal = new KernelConsole(kernel, output, options.xmon ? undefined : process.stdin);
  const result = await execute(kernel, budget - before, interrupt, terminal, output);
  if (interrupt.wanted) process.exitCode = EXIT_INTERRUPTED;
  return { ...result, instructions: before + result.instructions };
}

async function run(file: string, options: RunOptions): Promise<void> {
  await expectConfig(file, 'run');
  const config = await loadConfig(file);
  using kernel = await composeConfig(file, config, options.xmon ? [Xmon] : []);
  const output = new Output(process.stdout);
  output.write(`${kernel.describe()}\n\n`);
  output.flush();
  let result: RunResult;
  try {
    const budget = options.budget ?? config.budget ?? Number.POSITIVE_INFINITY;
    result = await userCode(runOf(file), () => executeWith(kernel, budget, output, options, [file]));
  } finally {
    output.flush();
  }
  const report = await reportOf(file, config, kernel, result);
  if (report !== undefined) output.write(`${report.trimEnd()}\n\n`);
  const { reason, message, instructions } = result;
  const end = process.exitCode === EXIT_INTERRUPTED ? 'interrupted' : ENDS[reason];
  const why = message === undefined ? end : `${end}: ${message}`;
  output.write(`${instructions.toLocaleString('en')} instruction${instructions === 1 ? '' : 's'}; ${why}\n`);
  await output.drain();
  const { oopses } = kernel.machine;
  if (oopses.length > 0) throw runError(oopses.map((oops, i) => (i === 0 ? `${file}: ${oops}` : `  ${oops}`)));
}
