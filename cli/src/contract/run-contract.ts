import {
  backendContract,
  collectCases,
  type DebugRegisterUse,
  type FacetContractOptions,
  facetContract,
  type TestFunction,
} from '@hwbp/testkit';
import type { KnownArchitecture } from '../architecture/architecture.js';

/** One case of the suites, not run yet. */
export interface Case {
  /** `group/what-is-promised`. */
  readonly id: string;
  readonly group: string;
  run(): Outcome;
}

/** How a case ended. */
export interface Outcome {
  readonly id: string;
  readonly group: string;
  /** `not run`: nobody has said what it has to know of the architecture. */
  readonly result: 'passed' | 'failed' | 'not run';
  /** What it threw. */
  readonly error: unknown;
  readonly seconds: number;
}

/** Stands for how a debugger uses the registers where the module does not say: notices that a case wants to know. */
class UnknownUse implements DebugRegisterUse {
  #asked = false;

  watch(): never {
    return this.#ask();
  }

  unwatch(): never {
    return this.#ask();
  }

  refused(): never {
    return this.#ask();
  }

  /** Whether somebody has asked since the last time. */
  wasAsked(): boolean {
    const asked = this.#asked;
    this.#asked = false;
    return asked;
  }

  #ask(): never {
    this.#asked = true;
    throw new Error('the module does not say what a debugger writes to watch an address');
  }
}

/** Every case that applies to an architecture, in the order in which the suites have them. */
export function casesOf({ create, facetUse }: KnownArchitecture): readonly Case[] {
  const cases: Case[] = [];
  const unknown = new UnknownUse();
  const test: TestFunction = (title, body) => {
    const id = title.slice(title.indexOf(': ') + 2);
    cases.push({ id, group: groupOf(id), run: () => runCase(title, body, unknown) });
  };
  // The name stands in front of every title; an architecture's own may have a colon in it.
  const name = 'contract';
  backendContract({ test, name, createBackend: () => create() });
  const facets: FacetContractOptions = { test, name, createArchitecture: () => create(), ...facetUse };
  facetContract({ ...facets, debugRegisters: facetUse.debugRegisters ?? unknown });
  return cases;
}

function groupOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}

function runCase(title: string, body: Parameters<TestFunction>[1], unknown: UnknownUse): Outcome {
  const started = performance.now();
  const [result] = collectCases((test) => test(title, body)).results;
  const seconds = (performance.now() - started) / 1000;
  if (result === undefined) throw new TypeError('a case that was declared is run');
  const { id, error } = result;
  const outcome = unknown.wasAsked() ? 'not run' : error === undefined ? 'passed' : 'failed';
  return { id, group: groupOf(id), result: outcome, error, seconds };
}
