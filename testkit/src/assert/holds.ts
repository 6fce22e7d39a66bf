import * as fc from 'fast-check';
import { ContractFailure } from './contract-failure.js';
import { format } from './format.js';

/**
 * A property of random inputs holds. Otherwise the failure is that of the smallest counterexample, which is in the
 * message, with the seed that finds it.
 */
export function holds<Input>(property: fc.IRawProperty<Input, false>, parameters: fc.Parameters<Input>): void {
  const { failed, counterexample, errorInstance, seed, counterexamplePath, numRuns } = fc.check(property, parameters);
  if (!failed) return;
  const told = errorInstance instanceof ContractFailure ? errorInstance.message : `threw ${format(errorInstance)}`;
  const input = fc.stringify(counterexample);
  const found = `found by run ${numRuns} with seed ${seed}, path ${counterexamplePath}`;
  throw new ContractFailure(`${told}\n  smallest counterexample: ${input}\n  ${found}`, { cause: errorInstance });
}
