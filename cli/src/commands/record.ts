import { realpath } from 'node:fs/promises';
import { visible } from '@hwbp/conform/text';
import type { Command } from 'commander';
import { z } from 'zod';
import { runWith } from '../architecture/run-with.js';
import { usageError } from '../errors.js';
import { Output } from '../output.js';
import { EventKernel } from '../perf/event-kernel.js';
import { FileSink } from '../perf/file-sink.js';
import { openEvents } from '../perf/open-events.js';
import { addPerfOptions, EVENTS_HELP, perfOptions } from '../perf/perf-options.js';
import { type Prepared, prepare } from '../perf/prepare.js';
import { Recorder } from '../perf/recorder.js';
import { recordingFeatures } from '../perf/recording-features.js';
import { refused } from '../perf/refused.js';
import { samplingAttr } from '../perf/sampling.js';
import { conclude } from '../replay/conclude.js';
import { counted } from '../replay/counted.js';
import { play } from '../replay/play.js';
import { count, parseOptions } from './option-types.js';

/**
 * Instructions between two looks at the rings: not enough to fill one of the default size, with every register hit each
 * time.
 */
const SLICE = 2048;

const schema = z.object({
  ...perfOptions,
  output: z.string(),
  count: count(999_999_999).optional(),
  mmapPages: count(65_536).refine((pages) => Number.isInteger(Math.log2(pages)), 'a power of two'),
});
type RecordOptions = z.output<typeof schema>;

const HELP = `
${EVENTS_HELP}

The file is one of perf's (version 2); symbols come from the program that --elf names, where it lies now:
  perf script -i perf.data -F comm,tid,cpu,time,event,addr,ip,sym,symoff
  perf report -i perf.data --stdio --mem-mode --sort sym,symbol_daddr

Examples:
  hwbp record -e mem:vault_total:w --elf prog -- prog.trace.gz
  hwbp record -e mem:vault_total:w,mem:main:x -c 100 -o every-100th.data --elf prog -- prog.trace.gz
  hwbp record -e mem:0x404390/4:w --cpus 2 -- one.trace two.trace

Exit code: 0 done; 1 the replay failed, and no file was written, or the trace is not whole or another program's, and
the file has what there was of it; 2 the command line is wrong; 130 Ctrl-C, and the file has what there was until then.`;

/** Gives `hwbp record` its options, and what it does. `words`: of the command line, which the recording keeps. */
export function addRecord(command: Command, words: readonly string[]): void {
  command.description(
    'Replays memory traces of real programs on a simulated kernel, and records perf events for the real perf.',
  );
  addPerfOptions(command)
    .option('-o, --output <file>', 'the file to write', 'perf.data')
    .option('-c, --count <n>', 'a sample of every n-th hit; default: of every hit')
    .option('-m, --mmap-pages <pages>', "pages of each task's ring, a power of two", '256')
    .addHelpText('after', HELP)
    .action((traces: readonly string[], raw: unknown) => record(traces, parseOptions(schema, raw, 'record'), words));
}

/** The command line. */
interface RecordLine {
  readonly paths: readonly string[];
  readonly options: RecordOptions;
  readonly words: readonly string[];
}

async function record(paths: readonly string[], options: RecordOptions, words: readonly string[]): Promise<void> {
  if (options.output === '-') throw usageError('a perf.data file cannot go to standard output', 'name it with -o FILE');
  const prepared = await prepare(paths, options, 'record');
  await runWith(prepared.kernel.arch, options.arch, () => sample(prepared, { paths, options, words }));
}

async function sample(
  { groups, kernel: kernelOptions, traces, program }: Prepared,
  { paths, options, words }: RecordLine,
): Promise<void> {
  let recorder: Recorder | undefined;
  using kernel = new EventKernel(kernelOptions, SLICE, () => recorder?.drain());
  const sampling = { period: options.count };
  const attrs = new Map(
    groups.flatMap((group, g) =>
      group.events.map((event, e) => [event, samplingAttr(event, group, g === 0 && e === 0, sampling)] as const),
    ),
  );
  const opened = openEvents(kernel, groups, (event) => attrs.get(event) ?? event.attr);
  for (const { event, refusal } of opened) if (refusal !== undefined) throw refused(event, refusal, options.policy);
  using sink = new FileSink(options.output, options.elf === undefined ? paths : [options.elf, ...paths]);
  const mapped =
    program && program.unplaced === undefined
      ? { file: await realpath(program.path), segments: program.segments, buildId: program.buildId }
      : undefined;
  recorder = new Recorder(kernel, opened, {
    sink,
    pages: options.mmapPages,
    program: mapped,
    features: recordingFeatures(kernel, kernelOptions, mapped, words),
  });
  const output = new Output(process.stdout);
  const whole = await play(kernel, traces, output);
  recorder.drain();
  recorder.writer.finish();
  sink.finish();
  const { lost, samples } = recorder;
  const missing = lost === 0 ? '' : `; ${counted(lost, 'sample')} lost: give the rings more pages with -m`;
  output.write(
    `${visible(options.output)}: ${counted(samples, 'sample')}, ${(sink.size / 1e6).toFixed(3)} MB${missing}\n`,
  );
  await output.drain();
  conclude(traces, whole);
}
