import { formatTraceHeader } from '@hwbp/ftrace';
import type { KnownArchitecture } from '../architecture/architecture.js';
import type { Output } from '../output.js';
import { grouped } from './counted.js';
import { countsText } from './counts-text.js';
import { HeadTail } from './head-tail.js';
import type { ReplayHit } from './hit.js';
import { rareSites } from './rare-sites.js';
import type { Report, ReportSubject } from './report.js';
import { reportHeading } from './report-heading.js';
import type { SiteNames } from './site-names.js';
import { registerTable, siteTable } from './text-summary.js';
import { traceLine } from './trace-line.js';
import { unnamedSites } from './unnamed-sites.js';

/** Lines of the trace that are shown at either end. */
const SHOWN = 20;

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

  begin(subject: ReportSubject): void {
    const { colours } = this.#output;
    for (const [label, text] of reportHeading(subject)) this.#output.write(`${colours.dim(label.padEnd(9))}${text}\n`);
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
    const rare = rareSites(watches, summary, this.#names, colours);
    const controls = kernel.machine.cpus.map((cpu) => this.#arch.control(cpu));
    const parts = [
      ...tables,
      rare.length === 0 ? '' : `${colours.bold('Look here first')}\n${rare.join('')}`,
      unnamedSites(
        watches.flatMap((watch) => summary.of(watch)),
        this.#names,
        program,
        evidence.objects.count,
      ),
      registerTable(registers, controls, this.#names, colours),
    ];
    for (const part of parts) if (part !== '') this.#output.write(`\n${part}`);
    const { lines } = replay;
    const rate = (lines * session.tasks.length) / Math.max(seconds, 1e-6) / 1e6;
    this.#output.write(
      `\n${countsText(session)}\n` +
        `${grouped(lines)} lines in ${seconds.toFixed(2)} s, ${rate.toFixed(1)} million a second\n`,
    );
  }
}
