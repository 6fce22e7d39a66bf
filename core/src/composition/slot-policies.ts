import type { ArchManifest } from '../arch/index.js';
import type { Machine } from '../kernel/index.js';
import type { Quirk, QuirkSet } from '../quirks/index.js';
import { FlexibleSlotPolicy, LinuxSlotPolicy, type SlotHost, type SlotPolicy } from '../registers/index.js';
import type { Plugin } from './plugin.js';
import { provide } from './provision.js';
import { MACHINE, MANIFEST, QUIRKS, SLOT_POLICY } from './tokens.js';

/** A slot policy as a plugin: how it is made can be had from it, for policies that wrap another. */
export interface SlotPolicyPlugin extends Plugin {
  create(host: SlotHost): SlotPolicy;
}

/** A slot policy of yours, for `composeKernel({ slotPolicy: ... })`. */
export function defineSlotPolicy(
  name: string,
  create: (host: SlotHost) => SlotPolicy,
  quirks: readonly Quirk[] = [],
): SlotPolicyPlugin {
  const make = (manifest: ArchManifest, machine: Machine, known: QuirkSet): SlotPolicy =>
    create({ manifest, machine, quirks: known });
  return Object.freeze({
    name,
    create,
    quirks,
    provides: [provide(SLOT_POLICY, [MANIFEST, MACHINE, QUIRKS] as const, make)],
  });
}

/** The default: Linux's constraint accounting. */
export function linuxSlotPolicy(): SlotPolicyPlugin {
  return defineSlotPolicy('linux', (host) => new LinuxSlotPolicy(host));
}

/**
 * Flexible breakpoints share the registers that pinned ones leave. Goes with `perfEvents()`, which lets them take
 * turns.
 */
export function flexible(): SlotPolicyPlugin {
  return defineSlotPolicy('flexible', (host) => new FlexibleSlotPolicy(host));
}
