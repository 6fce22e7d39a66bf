import type { Kernel, RunResult } from '@hwbp/core';
import { CliError, EXIT_INTERRUPTED, EXIT_RUN } from '../errors.js';
import type { Output } from '../output.js';
import { type Trouble, troubleLine } from './trouble.js';

/** How a run ended. */
export interface RunEnd extends RunResult {
  /** Ctrl-C ended it. */
  readonly interrupted: boolean;
}

/** What is told of a run, as it comes. */
export interface RunReport {
  composed(kernel: Kernel): void;
  /** What was written to the kernel's console. */
  console(text: string): void;
  /** What the config has to say at the end. */
  report(text: string): void;
  end(end: RunEnd): void;
  /** What went wrong: the exit code, and what goes to standard error. */
  troubles(file: string, troubles: readonly Trouble[], interrupted: boolean): void;
}

/** The same to another report too, but for what becomes of the command. */
export function reportedTo(report: RunReport, other: RunReport | undefined): RunReport {
  if (other === undefined) return report;
  return {
    composed: (kernel) => {
      report.composed(kernel);
      other.composed(kernel);
    },
    console: (text) => {
      report.console(text);
      other.console(text);
    },
    report: (text) => {
      report.report(text);
      other.report(text);
    },
    end: (end) => {
      report.end(end);
      other.end(end);
    },
    troubles: (...what) => report.troubles(...what),
  };
}

/** What the end of a run means. */
const ENDS: Readonly<Record<RunResult['reason'], string>> = {
  budget: 'the budget is used up',
  idle: 'nothing can run any more',
  starved: 'programs wait for input',
  held: 'a debugger holds the machine',
  stopped: 'the kernel stopped',
  suspended: 'the machine was stopped inside an exception',
};

/** For people. */
export class TextRunReport implements RunReport {
  readonly #output: Output;
  /** The console's latest line has not ended. */
  #open = false;

  constructor(output: Output) {
    this.#output = output;
  }

  composed(kernel: Kernel): void {
    this.#output.write(`${kernel.describe()}\n\n`);
    this.#output.flush();
  }

  console(text: string): void {
    this.#output.write(text);
    this.#output.flush();
    this.#open = !text.endsWith('\n');
  }

  report(text: string): void {
    this.#line(`${text.trimEnd()}\n\n`);
  }

  end({ reason, message, instructions, interrupted }: RunEnd): void {
    const end = interrupted ? 'interrupted' : ENDS[reason];
    const why = message === undefined ? end : `${end}: ${message}`;
    this.#line(`${instructions.toLocaleString('en')} instruction${instructions === 1 ? '' : 's'}; ${why}\n`);
    this.#output.flush();
  }

  troubles(file: string, troubles: readonly Trouble[], interrupted: boolean): void {
    if (troubles.length === 0) return;
    const lines = troubles.flatMap((trouble) => troubleLine(trouble).split('\n'));
    const told = lines.map((line, i) => (i === 0 ? `${file}: ${line}` : `  ${line}`));
    throw new CliError(interrupted ? EXIT_INTERRUPTED : EXIT_RUN, told);
  }

  #line(text: string): void {
    this.#output.write(this.#open ? `\n${text}` : text);
    this.#open = false;
  }
}

/** For programs: JSON Lines. */
export class JsonRunReport implements RunReport {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  composed(kernel: Kernel): void {
    const { arch, cpus, online, slotPolicy, breakpointScheduler, taskScheduler, symbols, facets, plugins } =
      kernel.describe();
    this.#write({
      kind: 'composed',
      arch: arch.name,
      cpus,
      online,
      slotPolicy,
      breakpointScheduler,
      taskScheduler,
      symbols,
      facets,
      plugins: plugins.map(({ name }) => name),
    });
    this.#output.flush();
  }

  console(text: string): void {
    this.#write({ kind: 'console', text });
    this.#output.flush();
  }

  report(text: string): void {
    this.#write({ kind: 'report', text });
  }

  end({ reason, message, instructions, interrupted }: RunEnd): void {
    this.#write({ kind: 'end', reason: interrupted ? 'interrupted' : reason, message, instructions });
    this.#output.flush();
  }

  troubles(_file: string, troubles: readonly Trouble[]): void {
    for (const { kind, ...what } of troubles) this.#write({ kind: 'trouble', trouble: kind, ...what });
    this.#output.flush();
    if (troubles.length > 0) process.exitCode ??= EXIT_RUN;
  }

  #write(line: object): void {
    this.#output.write(`${JSON.stringify(line)}\n`);
  }
}
