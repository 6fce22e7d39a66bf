import { existsSync } from 'node:fs';
import path from 'node:path';
import { visible } from '@hwbp/conform/text';
import type { Command } from 'commander';
import type { KnownArchitecture } from '../architecture/architecture.js';
import { ARCHITECTURE_NAMES, CPU_NAMES, findArchitecture } from '../architecture/find-architecture.js';
import { runWith } from '../architecture/run-with.js';
import { usageError } from '../errors.js';
import { HistoryFiles } from '../history/history-files.js';
import { addHistoryOptions } from '../history/history-options.js';
import { Output } from '../output.js';
import { callerIn } from '../replay/caller-in.js';
import { conclude } from '../replay/conclude.js';
import { JsonReport } from '../replay/json-report.js';
import { openTraces, readFiles } from '../replay/open-traces.js';
import type { ProgramFile } from '../replay/place-program.js';
import { play } from '../replay/play.js';
import { RECORD_A_TRACE } from '../replay/play-traces.js';
import { type Report, reportedTo } from '../replay/report.js';
import { resolveWatch } from '../replay/resolve-watch.js';
import { ReplaySession } from '../replay/session.js';
import { SiteNames } from '../replay/site-names.js';
import { TextReport } from '../replay/text-report.js';
import { parseWatchSpec } from '../replay/watch-spec.js';
import { parseReplayOptions, type ReplayOptions } from './replay-options.js';

const HELP = `
TRACE is what Valgrind's Lackey wrote, plain or gzipped; - is standard input.
  ${RECORD_A_TRACE}
  With -v -v Valgrind says where it loaded libraries: hits in them have their names then.

WATCH is SYMBOL[+OFFSET][/LEN]:TYPE or ADDRESS[/LEN]:TYPE, as often as there are registers.
  SYMBOL as nm or c++filt print it (bank::total, printf@plt), or a part of a variable of a program
         with debug information: balances[7], conf.limit
  TYPE   w writes, rw reads and writes, r reads (where the architecture can), x execution
  LEN    bytes; default: the variable's own size, or 4 for an address and for SYMBOL+OFFSET

Examples:
  hwbp replay prog.trace.gz --elf prog --watch counter:w
  hwbp replay prog.trace --elf prog --watch table+24/8:rw --watch main:x
  hwbp replay bank.trace --elf bank --watch 'bank::accounts[7].balance:w'
  zcat prog.trace.gz | hwbp replay - --watch 0x404390/4:w --json | head
  hwbp replay prog.trace.gz --elf prog --watch counter:w --html report.html --svg timeline.svg
  hwbp replay panel.trace.gz --elf panel --watch lamp:w --arch ppc64 --cpu power8

Exit code: 0 done, with hits or without; 1 the replay failed, or the trace is not whole or another program's;
2 the command line is wrong; 130 Ctrl-C, after what was found until then.`;

/** Gives `hwbp replay` its options, and what it does. */
export function addReplay(command: Command): void {
  addHistoryOptions(command)
    .description(
      'Replays a memory trace of a real program on a simulated kernel, with hardware breakpoints on its variables.',
    )
    .argument('[trace]', 'Lackey trace, plain or gzipped; - for standard input')
    .option('--elf <file>', 'the program that was traced: its symbols')
    .option('-w, --watch <watch...>', 'what to watch: SYMBOL|ADDRESS[/LEN]:r|w|rw|x; may be repeated')
    .option('--cpus <n>', 'CPUs of the kernel', '1')
    .option('--tasks <k>', 'tasks, each of which replays the trace, task k on CPU k mod n', '1')
    .option('-a, --arch <name>', `architecture: ${ARCHITECTURE_NAMES}`, 'x86')
    .option('--cpu <name>', `CPU ${CPU_NAMES}`)
    .option(
      '--load-bias <address>',
      'where a position-independent program was loaded; default: where the trace shows it',
    )
    .option('--strict', "refuse lines that are none of Lackey's, Valgrind's own ==PID== lines too")
    .option('--all', 'print the whole trace, not only its first and last 20 lines')
    .option('--json', 'print JSON Lines: one object for each hit, then a summary')
    .addHelpText('after', HELP)
    .action((trace: string | undefined, raw: unknown) => replay(trace, parseReplayOptions(raw)));
}

async function replay(named: string | undefined, options: ReplayOptions): Promise<void> {
  const { trace, specs } = tellApart(named, options.watch);
  const file = await readFiles([trace], options, 'replay');
  if (specs.length === 0)
    throw usageError('nothing is watched', 'add --watch SYMBOL:w (with --elf FILE), or --watch 0x404390/4:w');
  const arch = await findArchitecture(options.arch, options.cpu);
  await runWith(arch, options.arch, () => replayOn(arch, { trace, specs, file }, options));
}

/** What is replayed, and what is watched. */
interface Replayed {
  readonly trace: string;
  readonly specs: readonly string[];
  readonly file: ProgramFile | undefined;
}

async function replayOn(
  arch: KnownArchitecture,
  { trace, specs, file }: Replayed,
  options: ReplayOptions,
): Promise<void> {
  const { manifest } = arch.create().backend;
  const parsed = specs.map(parseWatchSpec);
  const { traces, program, symbols } = await openTraces([trace], file, options);
  const [opened] = traces;
  if (opened === undefined) throw new TypeError('a trace that was named is open');
  const watches = parsed.map((spec) => resolveWatch(spec, { manifest, program }));
  const output = new Output(process.stdout, options.json);
  const { input, evidence } = opened;
  const names = new SiteNames(symbols, evidence.objects, options.json ? String : visible);
  using files = new HistoryFiles(options, options.elf === undefined ? [trace] : [options.elf, trace]);
  const shown: Report = options.json ? new JsonReport(output, names) : new TextReport(output, names, arch, options.all);
  const kept = files.transcript && new TextReport(files.transcript.output, names, arch, false);
  const report = reportedTo(shown, kept);
  const comm = path.basename(options.elf ?? (trace === '-' ? 'task' : trace));
  const { cpus, tasks, strict } = options;
  using session = new ReplaySession({
    arch,
    cpus,
    tasks,
    comm,
    symbols,
    watches,
    strict,
    repeats: program?.repeats,
    callerOf: callerIn(program, evidence),
    onHit: (hit) => report.hit(hit),
    plugins: files.plugins(),
  });
  const subject = { session, input, evidence, program, elf: options.elf, watches };
  report.begin(subject);
  const started = performance.now();
  const whole = await play(session, traces, output);
  report.end(subject, (performance.now() - started) / 1000, whole);
  await output.drain();
  files.finish(session.kernel, `hwbp replay ${input.name}`);
  conclude(traces, whole);
}

/** A trace that is written after a `--watch` looks like one more of its values. */
function tellApart(named: string | undefined, values: readonly string[]): { trace: string; specs: readonly string[] } {
  const isTrace = (value: string): boolean => value === '-' || (!/:\w*$/.test(value) && existsSync(value));
  const trace = named ?? values.find(isTrace);
  if (trace === undefined)
    throw usageError('no trace was named', `hwbp replay TRACE --elf FILE --watch SYMBOL:w; ${RECORD_A_TRACE}`);
  return { trace, specs: named === undefined ? values.filter((value) => value !== trace) : values };
}
