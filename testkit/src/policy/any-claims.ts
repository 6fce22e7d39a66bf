import type { Delivery, SlotClaim, SlotClass } from '@hwbp/core';
import * as fc from 'fast-check';
import { equal, holds, ok } from '../assert/index.js';
import { fakeManifest } from '../fakes/fake-manifest.js';
import type { Verdict, Wanted } from './formula.js';
import type { PolicyLab, Target } from './policy-lab.js';
import type { PolicySubject } from './policy-subject.js';

/** Something that is asked of an accounting: a claim of any kind, a release, or a change of class. */
interface Asked {
  readonly action: 'reserve' | 'release' | 'change';
  readonly target: number;
  readonly slotClass: SlotClass;
  readonly weight: number;
  readonly pinned: boolean;
  readonly delivery: Delivery;
  readonly index: number;
}

const CPUS = 3;
const SHAPES = [2, 4, { data: 3, instruction: 2 }] as const;

/** Tasks, a thread, CPUs, and tasks on CPUs. */
function targetsOf({ cur, oth, thread }: PolicyLab): readonly Target[] {
  const tasks = [cur, oth, thread];
  const cpus = Array.from({ length: CPUS }, (_, cpu) => ({ cpu }));
  return [...tasks.map((task) => ({ task })), ...cpus, ...tasks.flatMap((task) => cpus.map((on) => ({ task, ...on })))];
}

function nameOf({ slotClass, weight, pinned, delivery, task, cpu }: SlotClaim): string {
  const whose = task === undefined ? '' : ` of ${task.comm}-${task.pid}`;
  const where = cpu < 0 ? '' : ` on CPU ${cpu}`;
  return `a ${pinned ? 'pinned' : 'flexible'} ${slotClass} claim${whose}${where}, weight ${weight}, ${delivery}`;
}

/** A refusal says how much is in use, and who has it: all of them. */
function checkRefusal(lab: PolicyLab, holders: readonly SlotClaim[], slotClass: SlotClass, what: string): void {
  ok(
    holders.every((one) => lab.claims.includes(one)),
    `${what}: its refusal names claims that are held`,
  );
  const { shared } = lab.manifest.slots;
  ok(
    holders.every((one) => shared || one.slotClass === slotClass),
    `${what}: its refusal names claims of that pool`,
  );
  equal(new Set(holders).size, holders.length, `${what}: claims that its refusal names, each once`);
}

/**
 * Asks for anything in any order, and compares each answer with a rule that walks everything. `weights`: registers that
 * claims may take; `shares`: some are not pinned.
 */
export function forAnyClaims(
  subject: PolicySubject,
  { weights, shares }: { readonly weights: number; readonly shares: boolean },
  rule: (lab: PolicyLab, slotClass: SlotClass, wanted: Wanted, without?: SlotClaim) => Verdict,
): void {
  const asked = fc.record<Asked>({
    action: fc.constantFrom('reserve', 'reserve', 'reserve', 'release', 'change', 'change'),
    target: fc.nat(14),
    slotClass: fc.constantFrom('data', 'instruction'),
    weight: fc.integer({ min: 1, max: weights }),
    pinned: shares ? fc.boolean() : fc.constant(true),
    delivery: fc.constantFrom(...subject.deliveries),
    index: fc.nat(30),
  });
  const property = fc.property(
    fc.constantFrom(...SHAPES),
    fc.array(asked, { maxLength: 60, size: 'max' }),
    (slots, steps) => {
      const lab = subject.lab(fakeManifest({ slots }), CPUS);
      const targets = targetsOf(lab);
      for (const { action, target, slotClass, weight, pinned, delivery, index } of steps) {
        const held = lab.claims[index % Math.max(1, lab.claims.length)];
        if (action === 'reserve') {
          const claim = lab.claim(targets[target] ?? {}, slotClass, 0, {
            weight: pinned ? weight : 1,
            pinned,
            delivery,
          });
          check(lab, claim, slotClass, rule(lab, slotClass, claim), () => lab.reserve(claim));
        } else if (held === undefined) continue;
        else if (action === 'release') lab.release(held);
        else changeClass(lab, held, slotClass, rule);
      }
      equal(lab.policy.isUsed, lab.claims.length > 0, `isUsed with ${lab.claims.length} claims`);
    },
  );
  holds(property, { seed: 20220829, numRuns: 150 });
}

function changeClass(
  lab: PolicyLab,
  claim: SlotClaim,
  slotClass: SlotClass,
  rule: (lab: PolicyLab, slotClass: SlotClass, wanted: Wanted, without?: SlotClaim) => Verdict,
): void {
  const { shared } = lab.manifest.slots;
  const stays = shared || claim.slotClass === slotClass;
  const verdict = stays ? { used: 0, limit: 1, fits: true } : rule(lab, slotClass, claim, claim);
  const before = claim.slotClass;
  check(lab, claim, slotClass, verdict, () => lab.change(claim, slotClass), 'a change to that class of ');
  equal(
    claim.slotClass,
    verdict.fits ? slotClass : before,
    `slotClass behind a change that was ${verdict.fits ? 'granted' : 'refused'}`,
  );
}

function check(
  lab: PolicyLab,
  claim: SlotClaim,
  slotClass: SlotClass,
  { used, limit, fits }: Verdict,
  ask: () => ReturnType<PolicyLab['reserve']>,
  how = '',
): void {
  const what = `${how}${nameOf({ ...claim, slotClass })}, ${used} of ${limit} used`;
  const admission = ask();
  equal(admission.outcome, fits ? 'granted' : 'refused', what);
  if (admission.outcome !== 'refused') return;
  equal(admission.limit, limit, `${what}: limit of its refusal`);
  // On one of the CPUs where it does not fit.
  const fewest = limit - claim.weight;
  ok(admission.used > fewest && admission.used <= used, `${what}: its refusal says that ${admission.used} are used`);
  checkRefusal(lab, admission.holders, slotClass, what);
  const named = admission.holders.reduce((sum, one) => sum + (one.pinned ? one.weight : 0), 0);
  const flexible = admission.holders.some(({ pinned }) => !pinned) ? 1 : 0;
  equal(named + flexible, admission.used, `${what}: registers of the holders that its refusal names`);
}
