import type { Scenario } from './scenario.js';

/** In whatever order the fields of an object were written. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, field]) => [key, ordered(field)]));
}

/** True if two scenarios say the same. */
export function sameScenario(one: Scenario, other: Scenario): boolean {
  return one === other || JSON.stringify(ordered(one)) === JSON.stringify(ordered(other));
}
