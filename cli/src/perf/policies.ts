import { linuxSlotPolicy, type SlotPolicyFactory } from '@hwbp/core';
import { usageError } from '../errors.js';

/** What `--policy` takes. */
const POLICIES: Readonly<Record<string, SlotPolicyFactory>> = Object.freeze({
  linux: linuxSlotPolicy,
});

/** The slot policy of a name. Throws a usage error that lists the known ones. */
export function findPolicy(name: string): SlotPolicyFactory {
  const found = Object.hasOwn(POLICIES, name) ? POLICIES[name] : undefined;
  if (found !== undefined) return found;
  throw usageError(`there is no slot policy '${name}'`, `known: ${Object.keys(POLICIES).join(', ')}`);
}
