import { hex, type SymbolTable } from '@hwbp/core';
import type { Output } from '../output.js';
import { type ReplayHit, siteName } from './hit.js';
import type { Report, ReportSubject } from './report.js';

/**
 * JSON Lines: each hit as it happens, then a summary. The same trace gives the same bytes, wherever it is read from.
 */
export class JsonReport implements Report {
  readonly #output: Output;
  readonly #symbols: SymbolTable;

  constructor(output: Output, symbols: SymbolTable) {
    this.#output = output;
    this.#symbols = symbols;
  }

  begin(): void {}

  hit({ watch, step, cpu, pid, pc, ip }: ReplayHit): void {
    this.#line({
      kind: 'hit',
      step,
      cpu,
      pid,
      pc: hex(pc),
      ip: hex(ip),
      symbol: siteName(this.#symbols, pc) ?? null,
      type: watch.type,
      address: hex(watch.address),
      length: watch.length,
      watch: watch.text,
    });
  }

  end({ session, watches }: ReportSubject): void {
    const { summary, replay, kernel, tasks } = session;
    const { steps, loads, stores, modifies, skipped } = replay;
    this.#line({
      kind: 'summary',
      arch: kernel.breakpoints.manifest.name,
      cpus: kernel.machine.cpus.length,
      tasks: tasks.map(({ task, cpu }) => ({ pid: task.pid, comm: task.comm, cpu })),
      steps,
      lines: { I: steps, L: loads, S: stores, M: modifies, other: skipped },
      hits: summary.total,
      watches: watches.map((watch) => ({
        watch: watch.text,
        type: watch.type,
        address: hex(watch.address),
        length: watch.length,
        hits: summary.count(watch),
      })),
      sites: watches.flatMap((watch) =>
        summary.of(watch).map(({ pc, count, first, last }) => ({
          symbol: siteName(this.#symbols, pc) ?? null,
          pc: hex(pc),
          watch: watch.text,
          type: watch.type,
          count,
          first,
          last,
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
    });
  }

  #line(value: object): void {
    this.#output.write(`${JSON.stringify(value)}\n`);
  }
}
