import type { SlotClaim, SlotClass } from '@hwbp/core';
import * as fc from 'fast-check';
import { equal, holds } from '../assert/index.js';
import { fakeManifest } from '../fakes/fake-manifest.js';
import type { PolicyLab, Target } from './policy-lab.js';
import type { PolicyCase } from './policy-subject.js';

function linux(id: string, run: PolicyCase['run']): PolicyCase {
  return { id: `policy/linux-${id}`, applies: ({ honoursLinux }) => honoursLinux, run };
}

const inPool = (lab: PolicyLab, claim: SlotClaim, slotClass: SlotClass): boolean =>
  lab.manifest.slots.shared || claim.slotClass === slotClass;

/** The rule as one formula, by walking everything (spec: "slots used as the candidate sees them"). */
function usedFor(lab: PolicyLab, { task, cpu = -1 }: Target, slotClass: SlotClass): number {
  const pool = lab.claims.filter((claim) => inPool(lab, claim, slotClass));
  const wide = (on: number): number => pool.filter((claim) => claim.task === undefined && claim.cpu === on).length;
  const of = (owner: unknown, on: number): number =>
    pool.filter((claim) => claim.task !== undefined && claim.task === owner && (claim.cpu < 0 || claim.cpu === on))
      .length;
  const cpus = cpu >= 0 ? [cpu] : lab.machine.cpus.map(({ index }) => index);
  const owners = task === undefined ? new Set(pool.map((claim) => claim.task)) : new Set([task]);
  const uses = cpus.flatMap((on) => [wide(on), ...[...owners].map((owner) => wide(on) + of(owner, on))]);
  return Math.max(0, ...uses);
}

/** Linux's accounting beyond the nine vectors. */
export const linuxAccounting: readonly PolicyCase[] = [
  linux('rule-as-a-formula', (subject) => {
    const shapes = [2, 4, { data: 3, instruction: 2 }] as const;
    const step = fc.record({
      target: fc.nat(8),
      slotClass: fc.constantFrom<SlotClass>('data', 'instruction'),
      drop: fc.nat(9),
    });
    const property = fc.property(
      fc.constantFrom(...shapes),
      fc.array(step, { maxLength: 80, size: 'max' }),
      (slots, steps) => {
        const lab = subject.lab(fakeManifest({ slots }), 3);
        const { cur, oth } = lab;
        const targets: Target[] = [{ task: cur }, { task: oth }, { cpu: 0 }, { cpu: 1 }, { cpu: 2 }];
        targets.push({ task: cur, cpu: 0 }, { task: cur, cpu: 2 }, { task: oth, cpu: 0 }, { task: oth, cpu: 1 });
        for (const { target, slotClass, drop } of steps) {
          const dropped = drop < 3 ? lab.claims[drop] : undefined;
          if (dropped !== undefined) lab.release(dropped);
          const wanted = targets[target] ?? {};
          const used = usedFor(lab, wanted, slotClass);
          const limit = lab.manifest.slots[slotClass];
          const admission = lab.reserve(lab.claim(wanted, slotClass));
          equal(admission.outcome, used < limit ? 'granted' : 'refused', `${used} of ${limit} used, one more`);
          if (admission.outcome !== 'refused') continue;
          equal([admission.used, admission.limit], [used, limit], 'used and limit of the refusal');
          equal(admission.holders.length, used, 'holders that the refusal names');
        }
      },
    );
    holds(property, { seed: 20220829, numRuns: 150 });
  }),

  linux('classes-share-or-not', (subject) => {
    for (let slots = 1; slots <= 8; slots++) {
      const shared = subject.lab(fakeManifest({ slots }));
      equal(shared.fill({ cpu: 0 }, 'data').length, slots, 'data claims on a CPU');
      equal(shared.fill({ cpu: 0 }, 'instruction').length, 0, 'instruction claims beside them, in one pool');
      const separate = subject.lab(fakeManifest({ slots: { data: slots, instruction: 2 } }));
      equal(separate.fill({ cpu: 0 }, 'data').length, slots, 'data claims on a CPU');
      equal(
        separate.fill({ cpu: 0 }, 'instruction').length,
        2,
        'instruction claims beside them, in pools of their own',
      );
    }
  }),

  linux('change-of-class-in-a-full-pool', (subject) => {
    const shared = subject.lab(fakeManifest({ slots: 4 }));
    const [first] = shared.fill({ cpu: 0 });
    if (first === undefined) return;
    equal(shared.change(first, 'instruction').outcome, 'granted', 'a change of class in a full shared pool');
    equal(shared.reserve(shared.claim({ cpu: 0 })).outcome, 'refused', 'one more data claim');
  }),

  linux('change-of-class-frees-the-old-one', (subject) => {
    const lab = subject.lab(fakeManifest({ slots: { data: 4, instruction: 1 } }));
    const [first, second] = lab.fill({ task: lab.cur });
    if (first === undefined || second === undefined) return;
    equal(lab.change(first, 'instruction').outcome, 'granted', 'a change into a free class');
    equal(lab.change(second, 'instruction').outcome, 'refused', 'a change into a full class');
    equal(lab.fill({ task: lab.cur }).length, 1, 'data claims that fit again');
    lab.checkPlacement();
  }),

  linux('a-debuggers-task-fills-the-cpu', (subject) => {
    const lab = subject.lab(fakeManifest({ slots: 4 }));
    lab.fill({ task: lab.cur });
    equal(lab.reserve(lab.claim({ task: lab.cur })).outcome, 'refused', 'one more for that task');
    equal(lab.reserve(lab.claim({ cpu: 1 })).outcome, 'refused', 'one for a CPU');
  }),

  linux('cpu-claims-leave-tasks-the-rest', (subject) => {
    const lab = subject.lab(fakeManifest({ slots: 4 }));
    lab.fill({ cpu: 0 }, 'data', 2);
    equal(lab.fill({ task: lab.cur }).length, 2, 'claims of a task beside two of one CPU');
    equal(lab.fill({ task: lab.oth }).length, 2, 'claims of another task');
  }),

  linux('a-dead-task-keeps-its-slots', (subject) => {
    const lab = subject.lab(fakeManifest({ slots: 4 }));
    const held = lab.fill({ task: lab.cur });
    lab.machine.exit(lab.cur);
    equal(lab.reserve(lab.claim({ cpu: 0 })).outcome, 'refused', 'a CPU claim while a dead task holds everything');
    const [first] = held;
    if (first !== undefined) lab.release(first);
    equal(lab.reserve(lab.claim({ cpu: 0 })).outcome, 'granted', 'a CPU claim once one of them is released');
  }),

  linux('places-in-the-lowest-free-register', (subject) => {
    const lab = subject.lab(fakeManifest({ slots: { data: 3, instruction: 2 } }));
    const place = (slotClass: SlotClass, occupied: readonly unknown[]): number =>
      lab.policy.place(lab.claim({ cpu: 0 }, slotClass), occupied);
    const free = undefined;
    equal(place('data', [free, free, free, free, free]), 0, 'register of a data claim with all free');
    equal(place('data', [1, free, 1, free, free]), 1, 'register of a data claim with 0 and 2 taken');
    equal(place('data', [1, 1, 1, free, free]), -1, 'register of a data claim with all data registers taken');
    equal(place('instruction', [free, free, free, free, free]), 3, 'register of an instruction claim with all free');
    equal(place('instruction', [free, free, free, 1, free]), 4, 'register of an instruction claim with 3 taken');
  }),
];
