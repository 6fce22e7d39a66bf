import type { ArchManifest } from '@hwbp/core';
import type { Output } from '../output.js';
import type { Outcome } from './run-contract.js';

/** Cases of one group, counted. */
export interface Group {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
  readonly seconds: number;
}

/** What a run of the suites came to. */
export interface ContractResult {
  /** The architecture, as the user has named it on the command line. */
  readonly name: string;
  readonly manifest: ArchManifest;
  readonly outcomes: readonly Outcome[];
  /** False: Ctrl-C ended it. */
  readonly whole: boolean;
}

/** How a run of the suites is told. */
export interface ContractReport {
  case(outcome: Outcome): void;
  end(result: ContractResult): void;
}

/** The groups in the order in which they were run. */
export function groupsOf(outcomes: readonly Outcome[]): readonly Group[] {
  return [...new Set(outcomes.map(({ group }) => group))].map((name) => {
    const own = outcomes.filter(({ group }) => group === name);
    const count = (result: Outcome['result']): number => own.filter((outcome) => outcome.result === result).length;
    return {
      name,
      passed: count('passed'),
      failed: count('failed'),
      notRun: count('not run'),
      seconds: own.reduce((sum, { seconds }) => sum + seconds, 0),
    };
  });
}

/** For machines: JSON Lines, one object for each case as it ends, then a summary. */
export class JsonContractReport implements ContractReport {
  readonly #output: Output;
  readonly #messageOf: (outcome: Outcome) => string;

  constructor(output: Output, messageOf: (outcome: Outcome) => string) {
    this.#output = output;
    this.#messageOf = messageOf;
  }

  case(outcome: Outcome): void {
    const { id, result, seconds } = outcome;
    const message = result === 'failed' ? { message: this.#messageOf(outcome) } : {};
    this.#line({ kind: 'case', id, result, seconds, ...message });
  }

  end({ manifest, outcomes, whole }: ContractResult): void {
    const groups = groupsOf(outcomes);
    const sum = (of: (group: Group) => number): number => groups.reduce((total, group) => total + of(group), 0);
    this.#line({
      kind: 'summary',
      arch: manifest.name,
      whole,
      passed: sum(({ passed }) => passed),
      failed: sum(({ failed }) => failed),
      notRun: sum(({ notRun }) => notRun),
      seconds: sum(({ seconds }) => seconds),
      groups,
    });
  }

  #line(value: unknown): void {
    this.#output.write(`${JSON.stringify(value)}\n`);
  }
}
