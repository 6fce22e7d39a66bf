import type { HwBreakpointAttr } from '@hwbp/core';
import {
  PERF_FORMAT_TOTAL_TIME_ENABLED,
  PERF_FORMAT_TOTAL_TIME_RUNNING,
  PERF_TYPE_BREAKPOINT,
  type PerfEventAttr,
} from '@hwbp/perf';
import type { Command } from 'commander';
import { z } from 'zod';
import { runWith } from '../architecture/run-with.js';
import { HistoryFiles } from '../history/history-files.js';
import { addHistoryOptions, historyOptions } from '../history/history-options.js';
import { Output } from '../output.js';
import { readCount } from '../perf/count.js';
import { EventKernel } from '../perf/event-kernel.js';
import { ExactCounts } from '../perf/exact-counts.js';
import { type OpenedEvent, openEvents } from '../perf/open-events.js';
import { addPerfOptions, EVENTS_HELP, perfOptions } from '../perf/perf-options.js';
import { playTogether } from '../perf/play-together.js';
import { type Prepared, prepare } from '../perf/prepare.js';
import { refused } from '../perf/refused.js';
import type { ResolvedEvent } from '../perf/resolve-event.js';
import { doubtsJson, statJson } from '../perf/stat-json.js';
import { statTable } from '../perf/stat-table.js';
import { Turns } from '../perf/turns.js';
import { conclude } from '../replay/conclude.js';
import { play } from '../replay/play.js';
import { parseOptions } from './option-types.js';

const schema = z.object({
  ...perfOptions,
  ...historyOptions,
  exact: z.boolean().default(false),
  json: z.boolean().default(false),
});
type StatOptions = z.output<typeof schema>;

/** Refusals that \`perf stat\` takes as "this kernel cannot count that". */
const NOT_SUPPORTED: ReadonlySet<string> = new Set(['EINVAL', 'ENOSYS', 'ENOENT', 'EOPNOTSUPP', 'ENXIO']);

const HELP = `
${EVENTS_HELP}

The count is as perf has it: with --policy flexible more events than registers take turns, and what an event
counted is scaled to the whole time. The percentage says how long it had a register, +- how far off the estimate
may be in 95 of 100 cases, as far as its turns tell: hits in bursts make it larger, and bursts that no turn saw are
not in it. --exact counts every hit too, on as many more kernels as that takes.

With --html, --svg or --trace-json, who held which debug register when goes to a file: the turns that events took.

Examples:
  hwbp stat -e mem:vault_total:w,mem:turnover:w,cs,task-clock --elf prog -- prog.trace.gz
  hwbp stat -e mem:0x404390/4:w:u -- prog.trace.gz
  hwbp stat --policy flexible --exact -e mem:a:w,mem:b:w,mem:c:w,mem:d:w,mem:e:w --elf prog -- prog.trace.gz

Exit code: 0 done; 1 the replay failed, or the trace is not whole or another program's; 2 the command line is wrong;
130 Ctrl-C, after what was counted until then.`;

/** Gives `hwbp stat` its options, and what it does. */
export function addStat(command: Command): void {
  command.description('Replays memory traces of real programs on a simulated kernel, and counts perf events.');
  addHistoryOptions(addPerfOptions(command))
    .option('--exact', 'count every hit beside the estimate')
    .option('--json', 'print JSON Lines: one object for each event')
    .addHelpText('after', HELP)
    .action((traces: readonly string[], raw: unknown) => stat(traces, parseOptions(schema, raw, 'stat')));
}

async function stat(paths: readonly string[], options: StatOptions): Promise<void> {
  const prepared = await prepare(paths, options, 'stat');
  await runWith(prepared.kernel.arch, options.arch, () => count(paths, prepared, options));
}

async function count(
  paths: readonly string[],
  { groups, kernel: kernelOptions, traces }: Prepared,
  options: StatOptions,
): Promise<void> {
  using files = new HistoryFiles(options, options.elf === undefined ? paths : [options.elf, ...paths]);
  using kernel = new EventKernel({ ...kernelOptions, plugins: files.plugins() });
  using counters = new ExactCounts(kernelOptions);
  const opened = openEvents(kernel, groups, counting);
  for (const { event, refusal } of opened) {
    if (refusal !== undefined && !NOT_SUPPORTED.has(refusal.errno)) throw refused(event, refusal, options.policy);
  }
  const turns = new Turns(kernel.kernel);
  for (const { files } of opened) for (const { event } of files) turns.watch(event);
  const exact = opened.map((event) => (options.exact ? exactly(counters, event) : undefined));
  sayCost(counters.kernels);
  const output = new Output(process.stdout, options.json);
  const whole = await play(counters.kernels === 0 ? kernel : playTogether(kernel, counters), traces, output);
  const counts = opened.map((event, i) =>
    readCount(
      event,
      exact[i]?.(),
      event.files.flatMap((file) => turns.of(file.event)),
    ),
  );
  const what = traces.map(({ input }) => input.name).join(' ');
  const table = statTable(what, counts, kernel.now);
  output.write(options.json ? counts.map(statJson).join('') + doubtsJson(traces, whole) : table);
  await output.drain();
  files.transcript?.output.write(table);
  files.finish(kernel.kernel, `hwbp stat ${what}`);
  conclude(traces, whole);
}

/** Kernels from which on their number is said before they begin. */
const MANY = 16;

/** `--exact` takes a kernel for every few events, and each of them replays all of the traces. */
function sayCost(kernels: number): void {
  if (kernels < MANY) return;
  const output = new Output(process.stderr);
  output.write(
    `${output.colours.yellow('hwbp:')} note: --exact replays the traces on ${kernels} more kernels, and takes about ${kernels} times as long as without\n`,
  );
  output.flush();
}

/** Counting only, with the times that scaling needs. */
function counting({ attr: { sample_period: _, ...attr } }: ResolvedEvent): PerfEventAttr {
  return { ...attr, read_format: PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING };
}

function exactly(counters: ExactCounts, { event: { attr }, refusal }: OpenedEvent): (() => number) | undefined {
  if (attr.type !== PERF_TYPE_BREAKPOINT || refusal !== undefined) return undefined;
  const {
    bp_type = 0,
    bp_addr = 0n,
    bp_len = 0,
    exclude_user = false,
    exclude_kernel = false,
    exclude_hv = false,
  } = attr;
  const watch: HwBreakpointAttr = { bp_type, bp_addr, bp_len, exclude_user, exclude_kernel, exclude_hv };
  return counters.add(watch);
}
