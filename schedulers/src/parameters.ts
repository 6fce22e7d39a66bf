import { type Kind, requireKind, type SchedulingParameters } from '@hwbp/core';

/** The words of an option or a parameter that is wrong start with this. */
export function checkFields(owner: string, given: SchedulingParameters, kinds: Readonly<Record<string, Kind>>): void {
  for (const [field, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const known = Object.hasOwn(kinds, field) ? kinds[field] : undefined;
    if (known === undefined) {
      const has = Object.keys(kinds).join(', ');
      throw new TypeError(`scheduling.${field}: the scheduling class '${owner}' has no such parameter; it has ${has}`);
    }
    requireKind(`scheduling.${field} of the scheduling class '${owner}'`, value, known);
  }
}
