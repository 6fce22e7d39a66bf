import { visible } from '@hwbp/conform/text';
import { hex } from '@hwbp/core';
import { formatTraceHeader } from '@hwbp/ftrace';
import type { KnownArchitecture } from '../architecture/architecture.js';
import { registersText } from '../architecture/registers-text.js';
import type { Output } from '../output.js';
import { HeadTail } from './head-tail.js';
import type { ReplayHit } from './hit.js';
import type { Report, ReportSubject } from './report.js';
import type { SiteNames } from './site-names.js';
import { rareSites, registerTable, siteTable } from './text-summary.js';
import { counted, grouped } from './text-table.js';
import { traceLine } from './trace-line.js';
import { unnamedSites } from './unnamed-sites.js';

/** Lines of the trace that are shown at either end. */
const SHOWN = 20;
/** Tasks that the heading names. */
const NAMED = 8;

/** For people: what was composed, the trace in ftrace's format as it happens, then who did what. */
export class TextReport implements Report {
  readonly #output: Output;
  readonly #names: SiteNames;
  readonly #arch: KnownArchitecture;
  readonly #hits: HeadTail<ReplayHit>;

  /** `all`: show every line of the trace. */
  constructor(output: Output, names: SiteNames, arch: KnownArchitecture, all: boolean) {
    this.#output = output;
    this.#names = names;
    this.#arch = arch;
    this.#hits = new HeadTail(all ? Number.POSITIVE_INFINITY : SHOWN, (hit) => output.write(traceLine(hit, names)));
  }

  begin({ session, input, program, watches }: ReportSubject): void {
    const { kernel, tasks, registers } = session;
    const { colours } = this.#output;
    const say = (label: string, text: string): void => this.#output.write(`${colours.dim(label.padEnd(9))}${text}\n`);
    const size = input.size === undefined ? '' : `, ${grouped(input.size)} bytes`;
    say('trace', `${visible(input.name)} (${input.gzip ? 'gzip' : 'text'}${size})`);
    if (program !== undefined) {
      const { path, symbolCount, bias, unplaced } = program;
      const where = bias === undefined ? '' : `, loaded at ${hex(bias.value)}, ${bias.how}`;
      const nowhere = unplaced === undefined ? '' : `; where it was loaded is not known: ${unplaced}`;
      say('program', `${visible(path)} (${counted(symbolCount, 'symbol')})${where}${nowhere}`);
    }
    const { manifest } = kernel.breakpoints;
    const cpus = counted(kernel.machine.cpus.length, 'CPU');
    say('kernel', `${manifest.name}, ${cpus} of ${registersText(manifest)}, ksym_tracer`);
    const named = tasks.slice(0, NAMED).map(({ task, cpu }) => `${visible(String(task))} on CPU ${cpu}`);
    say('tasks', named.join(', ') + (tasks.length > NAMED ? ` and ${tasks.length - NAMED} more` : ''));
    for (const [i, watch] of watches.entries()) {
      const owner = registers.find(({ content }) => content?.watch === watch)?.content?.breakpoint.owner ?? '';
      const bytes = watch.type === 'x' ? 'the instruction' : counted(watch.length, 'byte');
      say(i === 0 ? 'watches' : '', `${visible(watch.text)}  (${bytes} at ${hex(watch.address)}, set by ${owner})`);
    }
    this.#output.write(`\n${formatTraceHeader()}`);
    this.#output.flush();
  }

  hit(hit: ReplayHit): void {
    this.#hits.add(hit);
  }

  end({ session, watches, evidence, program }: ReportSubject, seconds: number): void {
    const { summary, registers, kernel, replay } = session;
    const { colours } = this.#output;
    this.#hits.end((hits) => this.#output.write(colours.dim(`             ... ${hits} more (use --all) ...\n`)));
    const tables = watches.map((watch) => siteTable(watch, summary, this.#names, colours));
    const controls = kernel.machine.cpus.map((cpu) => this.#arch.control(cpu));
    const parts = [
      ...tables,
      rareSites(watches, summary, this.#names, colours),
      unnamedSites(
        watches.flatMap((watch) => summary.of(watch)),
        this.#names,
        program,
        evidence.objects.count,
      ),
      registerTable(registers, controls, this.#names, colours),
    ];
    for (const part of parts) if (part !== '') this.#output.write(`\n${part}`);
    const { lines, steps, loads, stores, modifies, skipped, firstSkipped } = replay;
    const each = session.tasks.length > 1 ? ' in each task' : '';
    const other =
      firstSkipped === undefined
        ? ''
        : `, ${grouped(skipped)} other (the first, line ${firstSkipped.line}: '${firstSkipped.text}')`;
    const rate = (lines * session.tasks.length) / Math.max(seconds, 1e-6) / 1e6;
    this.#output.write(
      `\n${counted(steps, 'instruction')}${each}: ${counted(loads, 'load')}, ${counted(stores, 'store')}, ${grouped(modifies)} modifies${other}\n` +
        `${grouped(lines)} lines in ${seconds.toFixed(2)} s, ${rate.toFixed(1)} million a second\n`,
    );
  }
}
