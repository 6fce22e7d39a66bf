import type { Kernel, KernelOptions, RunResult } from '@hwbp/core';
import { LOCKS, LockReport } from '@hwbp/locks';
import { Xmon } from '@hwbp/xmon';
import type { Command } from 'commander';
import { z } from 'zod';
import { ARGUMENTS, checkArguments } from '../config/config-arguments.js';
import { composeConfig, loadConfig, reportOf, runOf } from '../config/load-config.js';
import { userCode } from '../config/user-code.js';
import { CliError, EXIT_INTERRUPTED, usageError } from '../errors.js';
import { HistoryFiles } from '../history/history-files.js';
import { addHistoryOptions, historyOptions } from '../history/history-options.js';
import { Interrupt } from '../interrupt.js';
import { KernelConsole } from '../kernel-console.js';
import { Output } from '../output.js';
import { Progress } from '../progress.js';
import { expectConfig } from '../replay/sniff-file.js';
import { execute } from '../run/execute.js';
import { JsonRunReport, type RunEnd, type RunReport, reportedTo, TextRunReport } from '../run/run-report.js';
import { RunWatch } from '../run/run-watch.js';
import { type Trouble, troubleLine } from '../run/trouble.js';
import { deadlocksOf, strandedOf, stuckOf } from '../run/waiting.js';
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

A config may be a function, of what stands behind --: export default defineKernel(({ args }) => ({ kernel: { ... } })).

What is composed is printed at once, then the kernel's console as it comes, what report returns, and the end. On standard
error: errors of handlers, tasks that a signal has killed, oopses, an instruction that faults for ever, deadlocks, tasks that wait or are stopped where nothing can
run any more, and what the report of locks has found; each with its task, CPU, pc, and the line of the config if it threw.

With --xmon the kernel's debugger has the machine before the first instruction: type ? for its commands, x to let the
machine go on, Ctrl-C to get it back, Ctrl-D to let it run on without xmon. A script does on standard input, too.

What the kernel writes to its console, as a serial port or the call write does, is shown; if a device or a call reads there,
standard input is typed into it, and a kernel that waits for that waits for you.

With --html, --svg or --trace-json, who held which debug register when goes to a file: a report that opens anywhere, a
picture, or what Perfetto and chrome://tracing read. They are written once the run is over, not if it fails.

Examples:
  hwbp run kernel.config.ts
  hwbp run kernel.config.ts -- 4 workers
  hwbp run kernel.config.ts --json
  hwbp run kernel.config.ts --html report.html --svg timeline.svg
  hwbp run kernel.config.ts --xmon --history .xmon_history
  echo 'bdw requests_served
  x' | hwbp run kernel.config.ts --xmon

Exit code: 0 it ran to its end or through its budget, and nothing went wrong; 1 the run failed, or something of the above
went wrong in it; 2 the command line or the config is wrong; 130 Ctrl-C, after the report.`;

/** Gives `hwbp run` its options, and what it does. `words`: of the command line. */
export function addRun(command: Command, words: readonly string[]): void {
  addHistoryOptions(command)
    .description('Composes a kernel from a config file and lets it run.')
    .argument('<config>', 'a file such as kernel.config.ts')
    .argument('[args...]', ARGUMENTS)
    .usage('[options] <config> [-- args...]')
    .option('-b, --budget <n>', "instructions to execute; default: the config's, or until nothing can run")
    .option('-x, --xmon', "enter the kernel's debugger before the first instruction, and whenever it is wanted")
    .option('--json', 'print JSON Lines: what was composed, the console, the end, and what went wrong')
    .option('--read-only', 'xmon can change nothing')
    .option('--history <file>', 'keep what is typed to xmon in a file')
    .addHelpText('after', HELP)
    .action((file: string, args: readonly string[], raw: unknown) => {
      checkArguments('run', 'config', args, words);
      return run(file, args, parseRunOptions(raw));
    });
}

const schema = z.object({
  budget: count(999_999_999).optional(),
  xmon: z.boolean().default(false),
  json: z.boolean().default(false),
  readOnly: z.boolean().default(false),
  history: z.string().min(1, 'the name of a file').optional(),
  ...historyOptions,
});

type RunOptions = z.output<typeof schema>;

function parseRunOptions(raw: unknown): RunOptions {
  const options = parseOptions(schema, raw, 'run');
  if (!options.xmon && (options.readOnly || options.history !== undefined))
    throw usageError('--read-only and --history are for --xmon', 'hwbp run --help shows the options');
  if (options.xmon && options.json) throw usageError('--xmon is for people, --json for programs: use one of them');
  return options;
}

/** What a run works with beside its kernel. */
interface RunParts {
  readonly inputs: readonly string[];
  readonly progress: Progress;
  readonly watch: RunWatch | undefined;
  readonly terminal: KernelConsole | undefined;
}

/** By xmon as long as somebody uses it, then until Ctrl-C. */
async function executeWith(
  kernel: Kernel,
  budget: number,
  output: Output,
  options: RunOptions,
  { inputs, progress, watch, terminal }: RunParts,
): Promise<RunEnd> {
  if (options.xmon) {
    const { readOnly, history } = options;
    const result = await drive(kernel, budget, output, { readOnly, history, inputs });
    if (result?.detail instanceof Error) throw result.detail;
    if (result !== undefined) return { ...result, interrupted: false };
  }
  const before = kernel.machine.count;
  using interrupt = new Interrupt();
  let result: RunResult;
  try {
    result = await execute(kernel, budget - before, { interrupt, progress, terminal });
  } catch (error) {
    watch?.failed();
    throw error;
  }
  return { ...result, instructions: before + result.instructions, interrupted: interrupt.wanted };
}

/** Locks are watched for who waits for whom, if there are any. */
function furtherPlugins({ plugins = [] }: KernelOptions, options: RunOptions): NonNullable<KernelOptions['plugins']> {
  const hasLocks = plugins.some(
    (plugin) => 'provides' in plugin && plugin.provides?.some(({ token }) => token === LOCKS),
  );
  return [...(options.xmon ? [Xmon] : []), ...(hasLocks ? [LockReport] : [])];
}

async function run(file: string, args: readonly string[], options: RunOptions): Promise<void> {
  await expectConfig(file, 'run');
  const config = await loadConfig(file, args);
  const output = new Output(process.stdout, options.json);
  using files = new HistoryFiles(options, [file]);
  const shown: RunReport = options.json ? new JsonRunReport(output) : new TextRunReport(output);
  const report = reportedTo(shown, files.transcript && new TextRunReport(files.transcript.output));
  const budget = options.budget ?? config.budget;
  const progress = new Progress(budget, 'the run', { unit: 'instructions' });
  let watch: RunWatch | undefined;
  let terminal: KernelConsole | undefined;
  using kernel = await composeConfig(
    file,
    config,
    [...furtherPlugins(config.kernel, options), ...files.plugins(config.kernel.plugins)],
    (composed) => {
      watch = new RunWatch(composed, file);
      report.composed(composed);
      const show = (text: string): void => {
        progress.hide();
        report.console(text);
      };
      terminal = new KernelConsole(composed, show, options.xmon ? undefined : process.stdin);
    },
  );
  let end: RunEnd | undefined;
  let failure: unknown;
  try {
    const most = budget ?? Number.POSITIVE_INFINITY;
    const parts = { inputs: [file], progress, watch, terminal };
    end = await userCode(runOf(file), () => executeWith(kernel, most, output, options, parts));
  } catch (error) {
    failure = error;
  } finally {
    terminal?.[Symbol.dispose]();
    output.flush();
  }
  if (end !== undefined) {
    const text = await reportOf(file, config, kernel, end);
    if (text !== undefined) report.report(text);
    report.end(end);
    if (end.interrupted) process.exitCode = EXIT_INTERRUPTED;
  }
  await output.drain();
  if (failure === undefined) files.finish(kernel, `hwbp run ${[file, ...args].join(' ')}`);
  const troubles = troublesOf(kernel, watch, end);
  if (failure !== undefined) throw withTroubles(failure, watch?.next, troubles);
  report.troubles(file, troubles, end?.interrupted === true);
  await output.drain();
}

/** All that went wrong, and what will not go on. */
function troublesOf(kernel: Kernel, watch: RunWatch | undefined, end: RunEnd | undefined): readonly Trouble[] {
  const oopses = kernel.machine.oopses.map((message): Trouble => ({ kind: 'oops', message }));
  const stranded = end === undefined ? [] : [...stuckOf(kernel, end), ...strandedOf(kernel, end)];
  return [...oopses, ...(watch?.troubles ?? []), ...deadlocksOf(kernel), ...stranded];
}

/** A run that failed, with who was next, and what went wrong before. */
function withTroubles(failure: unknown, next: string | undefined, troubles: readonly Trouble[]): unknown {
  if (!(failure instanceof CliError)) return failure;
  const told = [...(next === undefined ? [] : [next]), ...troubles.map(troubleLine)].flatMap((text) =>
    text.split('\n'),
  );
  const lines = [...failure.message.split('\n'), ...told.map((line) => `  ${line}`)];
  return new CliError(failure.exitCode, lines, failure.remedy);
}
