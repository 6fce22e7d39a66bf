import { ContractFailure } from '@hwbp/testkit';
import type { KnownArchitecture } from '../architecture/architecture.js';
import { placeOf } from '../config/user-code.js';
import type { Outcome } from './run-contract.js';

/** What a case says of its failure, without its own name in front: what was expected, or what was thrown and where. */
export function messageOf(outcome: Outcome, { code }: KnownArchitecture): string {
  const { error, id } = outcome;
  if (error instanceof ContractFailure) {
    const { message } = error;
    const said = message.indexOf(`${id}: `);
    const text = said < 0 ? message : message.slice(said + id.length + 2);
    return `${text}${thrownAt(causeOf(error), code)}`;
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `threw ${what}${thrownAt(error, code)}`;
}

function thrownAt(error: unknown, code: KnownArchitecture['code']): string {
  return code === undefined ? '' : placeOf(error, code);
}

/** What somebody else threw, if a failure is about that. */
function causeOf(error: Error): unknown {
  let { cause } = error;
  while (cause instanceof ContractFailure) ({ cause } = cause);
  return cause;
}
