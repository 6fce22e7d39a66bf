import { ContractFailure } from '../assert/contract-failure.js';
import type { TestFunction } from './test-function.js';

/**
 * One promise of a contract. `id` is stable and part of the public API: failures, skips and mutants are named by it.
 */
export interface ContractCase<Subject> {
  /** `group/what-is-promised`. */
  readonly id: string;
  /** False: the manifest says that this does not apply. Absent: it always does. */
  readonly applies?: (subject: Subject) => boolean;
  readonly run: (subject: Subject) => void;
}

/** Declares the cases that apply to a subject as tests: `name: id`. */
export function declareCases<Subject>(
  test: TestFunction,
  name: string,
  cases: readonly ContractCase<Subject>[],
  subject: Subject,
): void {
  for (const { id, applies, run } of cases) {
    if (applies?.(subject) === false) continue;
    // A default keeps `length` at 0: mocha would take a parameter for its callback.
    test(`${name}: ${id}`, (t = undefined) => {
      try {
        run(subject);
      } catch (error) {
        throw error instanceof ContractFailure ? error.named(`${name}: ${id}`) : error;
      }
      // Some runners want to have seen an assertion of their own.
      (t as { pass?: () => void } | undefined)?.pass?.();
    });
  }
}
