import { hex } from '@hwbp/core';
import type { Output } from '../output.js';
import type { ReplayHit } from './hit.js';
import type { Report, ReportSubject } from './report.js';
import type { SiteNames } from './site-names.js';

/**
 * JSON Lines: each hit as it happens, then a summary. The same trace gives the same bytes, wherever it is read from.
 */
export class JsonReport implements Report {
  readonly #output: Output;
  readonly #names: SiteNames;

  constructor(output: Output, names: SiteNames) {
    this.#output = output;
    this.#names = names;
  }

  begin(): void {}

  hit({ watch, step, cpu, pid, pc, ip, caller }: ReplayHit): void {
    this.#line({
      kind: 'hit',
      step,
      cpu,
      pid,
      pc: hex(pc),
      ip: hex(ip),
      ...this.#site(pc),
      ...this.#from(caller),
      type: watch.type,
      address: hex(watch.address),
      length: watch.length,
      watch: watch.text,
    });
  }

  end({ session, watches, evidence, program }: ReportSubject, _seconds: number, whole: boolean): void {
    const { summary, replay, kernel, tasks } = session;
    const { steps, loads, stores, modifies, skipped } = replay;
    this.#line({
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
          ...this.#site(pc),
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
                  ...this.#site(caller),
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
    });
  }

  /** Its name in the program; outside of it null, and the library, if that is known. */
  #site(pc: bigint): object {
    const symbol = this.#names.site(pc);
    if (symbol !== undefined) return { symbol };
    const { object, symbol: inside } = this.#names.outside(pc);
    return object === undefined ? { symbol: null } : { symbol: null, object, objectSymbol: inside ?? null };
  }

  #from(caller: bigint | undefined): object {
    return caller === undefined ? {} : { from: { pc: hex(caller), ...this.#site(caller) } };
  }

  #line(value: object): void {
    this.#output.write(`${JSON.stringify(value)}\n`);
  }
}
