import {
  countsText,
  type KnownArchitecture,
  type ReportSubject,
  rareSites,
  registerRows,
  reportHeading,
  type SiteNames,
  unnamedSites,
  watchSites,
} from '@hwbp/cli/portable';
import { visible } from '@hwbp/core';
import type { TraceResult } from './messages.js';

/** Sites of a watch that are shown in the end, and meanwhile. */
const MOST_SITES = 1000;
const SITES_MEANWHILE = 100;
/** CPUs whose registers are shown. */
const MOST_CPUS = 64;

/** The page has no colours of a terminal. */
const PLAIN = { bold: String, red: String };

/** What a replay has found, for people: what the command prints. `ended`: all of it. */
export function traceResult(
  subject: ReportSubject,
  names: SiteNames,
  arch: KnownArchitecture,
  ended: boolean,
): Omit<TraceResult, 'seconds'> {
  const { session, watches, evidence, program } = subject;
  const { summary, kernel, registers, replay } = session;
  const shown = registers.filter(({ cpu }) => cpu < MOST_CPUS);
  const absent = evidence.objects.absent.map(visible);
  return {
    heading: reportHeading(subject),
    steps: replay.steps,
    hits: summary.total,
    sites: watches.map((watch) => watchSites(watch, summary, names, ended ? MOST_SITES : SITES_MEANWHILE)),
    rare: ended ? rareSites(watches, summary, names, PLAIN) : [],
    unnamed: ended
      ? unnamedSites(
          watches.flatMap((watch) => summary.of(watch)),
          names,
          program,
          evidence.objects.count,
          absent.length === 0 ? undefined : `choose them as libraries from where the program ran: ${absent.join(', ')}`,
        )
      : '',
    registers: registerRows(shown, names),
    moreRegisters: registers.length - shown.length,
    controls: kernel.machine.cpus.slice(0, MOST_CPUS).flatMap((cpu) => {
      const control = arch.control(cpu);
      return control === undefined ? [] : [`CPU ${cpu.index}: ${control}`];
    }),
    counts: countsText(session),
  };
}
