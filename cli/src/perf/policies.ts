import { flexible, linuxSlotPolicy, type SlotPolicyPlugin } from '@hwbp/core';
import { usageError } from '../errors.js';

/** What `--policy` takes. */
const POLICIES: Readonly<Record<string, () => SlotPolicyPlugin>> = Object.freeze({
  /** As Linux accounts: every breakpoint keeps a register for itself. */
  linux: linuxSlotPolicy,
  /** Events that are not pinned (modifier D) take turns on the registers that are left. */
  flexible,
});

/** The slot policy of a name. Throws a usage error that lists the known ones. */
export function findPolicy(name: string): SlotPolicyPlugin {
  const found = Object.hasOwn(POLICIES, name) ? POLICIES[name] : undefined;
  if (found !== undefined) return found();
  throw usageError(`there is no slot policy '${name}'`, `known: ${Object.keys(POLICIES).join(', ')}`);
}
