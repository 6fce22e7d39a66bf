import { hex } from '@hwbp/core';
import type { ReplayHit } from './hit.js';
import type { ReportSubject } from './report.js';
import type { SiteNames } from './site-names.js';
import type { WatchType } from './watch-spec.js';

/** Whose an instruction is: its name in the program; outside of it null, and the library, if that is known. */
interface SiteData {
  readonly symbol: string | null;
  readonly object?: string;
  readonly objectSymbol?: string | null;
}

/** A hit, as `--json` has it. */
export interface HitData extends SiteData {
  readonly kind: 'hit';
  readonly step: number;
  readonly cpu: number;
  readonly pid: number;
  readonly pc: string;
  readonly ip: string;
  readonly from?: SiteData & { readonly pc: string };
  readonly type: WatchType;
  readonly address: string;
  readonly length: number;
  readonly watch: string;
}

/** An instruction that hit a watch, as `--json` has it. */
interface SiteSummaryData extends SiteData {
  readonly pc: string;
  readonly watch: string;
  readonly type: WatchType;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly callers?: readonly (SiteData & { readonly pc: string; readonly count: number })[];
}

/** What was in a debug register, as `--json` has it: without an address nothing. */
type RegisterData = { readonly cpu: number; readonly register: string } & (
  | { readonly address: null }
  | {
      readonly address: string;
      readonly type: WatchType;
      readonly length: number;
      readonly owner: string;
      readonly watch: string;
      readonly hits: number;
    }
);

/** The summary of a replay, as `--json` has it. */
export interface SummaryData {
  readonly kind: 'summary';
  readonly arch: string;
  readonly cpus: number;
  readonly tasks: readonly { readonly pid: number; readonly comm: string; readonly cpu: number }[];
  readonly steps: number;
  /** Lines of each kind. */
  readonly lines: Readonly<Record<'I' | 'L' | 'S' | 'M' | 'other', number>>;
  /** Of a position-independent program: what its addresses were moved by. */
  readonly bias?: string;
  readonly hits: number;
  readonly watches: readonly {
    readonly watch: string;
    readonly type: WatchType;
    readonly address: string;
    readonly length: number;
    readonly hits: number;
  }[];
  /** Of each watch, the rarest first. */
  readonly sites: readonly SiteSummaryData[];
  readonly registers: readonly RegisterData[];
  readonly doubts: readonly { readonly cause: string; readonly fatal: boolean }[];
}

/** A hit as plain data. */
export function hitData({ watch, step, cpu, pid, pc, ip, caller }: ReplayHit, names: SiteNames): HitData {
  return {
    kind: 'hit',
    step,
    cpu,
    pid,
    pc: hex(pc),
    ip: hex(ip),
    ...siteData(pc, names),
    ...(caller === undefined ? {} : { from: { pc: hex(caller), ...siteData(caller, names) } }),
    type: watch.type,
    address: hex(watch.address),
    length: watch.length,
    watch: watch.text,
  };
}

/** What a replay has found, as plain data. `whole`: the trace was played to its end. */
export function summaryData(
  { session, watches, evidence, program }: ReportSubject,
  names: SiteNames,
  whole: boolean,
): SummaryData {
  const { summary, replay, kernel, tasks } = session;
  const { steps, loads, stores, modifies, skipped } = replay;
  return {
    kind: 'summary',
    arch: kernel.breakpoints.manifest.name,
    cpus: kernel.machine.cpus.length,
    tasks: tasks.map(({ task, cpu }) => ({ pid: task.pid, comm: task.comm, cpu })),
    steps,
    lines: { I: steps, L: loads, S: stores, M: modifies, other: skipped },
    ...(program?.bias === undefined ? {} : { bias: hex(program.bias.value) }),
    hits: summary.total,
    watches: watches.map((watch) => ({
      watch: watch.text,
      type: watch.type,
      address: hex(watch.address),
      length: watch.length,
      hits: summary.count(watch),
    })),
    sites: watches.flatMap((watch) =>
      summary.of(watch).map(({ pc, count, first, last, callers }) => ({
        ...siteData(pc, names),
        pc: hex(pc),
        watch: watch.text,
        type: watch.type,
        count,
        first,
        last,
        ...(callers.size === 0
          ? {}
          : {
              callers: [...callers].map(([caller, times]) => ({
                ...siteData(caller, names),
                pc: hex(caller),
                count: times,
              })),
            }),
      })),
    ),
    registers: session.registers.map(({ cpu, register, content }) => ({
      cpu,
      register,
      ...(content === undefined
        ? { address: null }
        : {
            address: hex(content.watch.address),
            type: content.watch.type,
            length: content.watch.length,
            owner: content.breakpoint.owner,
            watch: content.watch.text,
            hits: content.breakpoint.hits,
          }),
    })),
    doubts: evidence.doubts(whole).map(({ cause, fatal }) => ({ cause, fatal })),
  };
}

function siteData(pc: bigint, names: SiteNames): SiteData {
  const symbol = names.site(pc);
  if (symbol !== undefined) return { symbol };
  const { object, symbol: inside } = names.outside(pc);
  return object === undefined ? { symbol: null } : { symbol: null, object, objectSymbol: inside ?? null };
}
