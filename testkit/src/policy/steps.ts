import type { ArchManifest, SlotClass } from '@hwbp/core';
import * as fc from 'fast-check';
import { equal, holds } from '../assert/index.js';
import type { PolicyLab, Target } from './policy-lab.js';

/** Something that is asked of a policy. */
export interface Step {
  readonly action: 'reserve' | 'release' | 'change';
  readonly target: number;
  readonly slotClass: SlotClass;
  readonly priority: number;
  /** Which of the claims. */
  readonly index: number;
}

const STEP = fc.record<Step>({
  action: fc.constantFrom('reserve', 'reserve', 'reserve', 'release', 'change'),
  target: fc.nat(7),
  slotClass: fc.constantFrom('data', 'instruction'),
  priority: fc.nat(3),
  index: fc.nat(30),
});

const STEPS = fc.array(STEP, { maxLength: 60, size: 'max' });

export function targetOf({ cur, oth }: PolicyLab, which: number): Target {
  const targets = [{ task: cur }, { task: oth }, { cpu: 0 }, { cpu: 1 }];
  return (
    [...targets, { task: cur, cpu: 0 }, { task: cur, cpu: 1 }, { task: oth, cpu: 0 }, { task: oth, cpu: 1 }][which] ??
    {}
  );
}

/** Performs a step; says how it ended. `changed` claims are found by their address. */
export function perform(lab: PolicyLab, { action, target, slotClass, priority, index }: Step): string {
  if (action === 'reserve') return lab.reserve(lab.claim(targetOf(lab, target), slotClass, priority)).outcome;
  const ordered = [...lab.claims].sort((a, b) => Number(a.address - b.address));
  const claim = ordered[index % Math.max(1, ordered.length)];
  if (claim === undefined) return 'nothing';
  if (action === 'release') {
    lab.release(claim);
    return 'released';
  }
  const before = claim.slotClass;
  const { outcome } = lab.change(claim, slotClass);
  equal(claim.slotClass, outcome === 'refused' ? before : slotClass, `slotClass after a change that was ${outcome}`);
  return outcome;
}

/** Checks a property of any sequence of requests, on every architecture of the subject. */
export function forAnySteps(
  manifests: readonly ArchManifest[],
  check: (manifest: ArchManifest, steps: readonly Step[]) => void,
) {
  for (const manifest of manifests) {
    holds(
      fc.property(STEPS, (steps) => check(manifest, steps)),
      { seed: 20100424, numRuns: 60 },
    );
  }
}
