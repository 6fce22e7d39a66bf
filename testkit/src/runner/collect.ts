import type { TestFunction } from './test-function.js';

/** How one case ended. */
export interface CaseResult {
  /** The case's id, without the name of the subject. */
  readonly id: string;
  /** What it threw; `undefined`: it passed. */
  readonly error: unknown;
}

/** What {@link collectCases} saw. */
export interface Collected {
  readonly results: readonly CaseResult[];
  readonly passed: readonly string[];
  readonly failed: readonly string[];
}

/**
 * Runs suites at once and collects what happened instead of reporting it: for tools, and for tests which show that a
 * broken subject fails by name. `collectCases((test) => backendContract({ test, ... }))`.
 */
export function collectCases(declare: (test: TestFunction) => void): Collected {
  const results: CaseResult[] = [];
  declare((title, body) => {
    const id = title.slice(title.lastIndexOf(': ') + 2);
    try {
      body();
      results.push({ id, error: undefined });
    } catch (error) {
      results.push({ id, error });
    }
  });
  return {
    results,
    passed: results.filter(({ error }) => error === undefined).map(({ id }) => id),
    failed: results.filter(({ error }) => error !== undefined).map(({ id }) => id),
  };
}
