import { equal, ok } from '../assert/index.js';
import { fakeManifest } from '../fakes/fake-manifest.js';
import { forAnyClaims } from './any-claims.js';
import { sharingRule } from './formula.js';
import type { PolicyLab, Target } from './policy-lab.js';
import type { PolicyCase } from './policy-subject.js';

function shares(id: string, run: PolicyCase['run']): PolicyCase {
  return { id: `policy/flexible-${id}`, applies: ({ shares: promised }) => promised, run };
}

const FLEXIBLE = { pinned: false };

/** So many flexible claims, all granted. */
function granted(lab: PolicyLab, target: Target, count: number, slotClass: 'data' | 'instruction' = 'data') {
  return Array.from({ length: count }, (_, i) => {
    const claim = lab.claim(target, slotClass, 0, FLEXIBLE);
    equal(lab.reserve(claim).outcome, 'granted', `flexible claim ${i + 1} of ${count}`);
    return claim;
  });
}

/** What a policy promises whose flexible claims (`pinned: false`) share what pinned ones leave. */
export const sharing: readonly PolicyCase[] = [
  shares('rule-as-a-formula', (subject) => forAnyClaims(subject, { weights: 2, shares: true }, sharingRule)),

  shares('ones-are-granted-without-end', (subject) => {
    for (const target of ['task', 'cpu', 'bound'] as const) {
      const lab = subject.lab(fakeManifest({ slots: 2 }));
      granted(lab, { task: { task: lab.cur }, cpu: { cpu: 1 }, bound: { task: lab.cur, cpu: 1 } }[target], 20);
      lab.releaseAll();
      equal(lab.policy.isUsed, false, 'isUsed once all are released');
    }
  }),

  shares('ones-keep-one-register-of-a-cpu', (subject) => {
    for (const slots of [1, 2, 4]) {
      const lab = subject.lab(fakeManifest({ slots }));
      const held = granted(lab, { cpu: 1 }, 3);
      const beside = lab.fill({ cpu: 1 });
      equal(beside.length, slots - 1, `pinned claims of a CPU of ${slots} registers that flexible ones share`);
      const refused = lab.reserve(lab.claim({ cpu: 1 }));
      ok(refused.outcome === 'refused', 'one more pinned claim is refused');
      equal(
        new Set(refused.outcome === 'refused' ? refused.holders : []).size,
        held.length + beside.length,
        'holders that the refusal names: pinned ones, and flexible ones',
      );
      equal(lab.fill({ cpu: 0 }).length, slots, 'pinned claims of another CPU');
      for (const claim of held.slice(1)) lab.release(claim);
      equal(lab.reserve(lab.claim({ cpu: 1 })).outcome, 'refused', 'a pinned claim while one flexible one is left');
      if (held[0] !== undefined) lab.release(held[0]);
      equal(
        lab.reserve(lab.claim({ cpu: 1 })).outcome,
        'granted',
        'a pinned claim once the last flexible one is released',
      );
    }
  }),

  shares('ones-of-a-task-keep-one-register-of-every-cpu', (subject) => {
    const lab = subject.lab(fakeManifest({ slots: 2 }), 3);
    const [first] = granted(lab, { task: lab.cur }, 2);
    for (const cpu of [0, 1, 2]) equal(lab.fill({ cpu }).length, 1, `pinned claims of CPU ${cpu}, of 2 registers`);
    equal(lab.fill({ task: lab.oth }).length, 0, 'pinned claims of another task beside them');
    if (first !== undefined) lab.release(first);
    for (const cpu of [0, 1, 2])
      equal(lab.fill({ cpu }).length, 0, `more pinned claims of CPU ${cpu}, with one flexible left`);
  }),

  shares('ones-need-a-register-that-is-free', (subject) => {
    const lab = subject.lab(fakeManifest({ slots: 2 }));
    const pinned = [...lab.fill({ task: lab.cur, cpu: 1 }, 'data', 1), ...lab.fill({ cpu: 1 }, 'data', 1)];
    for (const target of [{ cpu: 1 }, { task: lab.oth }, { task: lab.oth, cpu: 1 }]) {
      const refused = lab.reserve(lab.claim(target, 'data', 0, FLEXIBLE));
      ok(refused.outcome === 'refused', 'a flexible claim where a CPU and its busiest task have every register');
      equal(
        pinned.filter((one) => refused.outcome === 'refused' && refused.holders.includes(one)).length,
        2,
        'the pinned claims in its way are named',
      );
    }
    granted(lab, { cpu: 0 }, 1);
    granted(lab, { task: lab.oth, cpu: 0 }, 1);
  }),

  shares('ones-take-their-register-along-when-they-change-class', (subject) => {
    const lab = subject.lab(fakeManifest({ slots: { data: 2, instruction: 1 } }));
    const [first, second] = granted(lab, { cpu: 0 }, 2);
    if (first === undefined || second === undefined) return;
    equal(lab.change(first, 'instruction').outcome, 'granted', 'a change of class of a flexible claim');
    equal(lab.fill({ cpu: 0 }, 'instruction').length, 0, 'pinned claims of the class that it shares now');
    equal(lab.fill({ cpu: 0 }, 'data').length, 1, 'pinned claims of the class that the other one still shares');
    equal(lab.change(second, 'instruction').outcome, 'granted', 'a change of the other one');
    equal(lab.fill({ cpu: 0 }, 'data').length, 1, 'more pinned claims of the class that nobody shares any more');
    equal(lab.change(first, 'data').outcome, 'refused', 'a change back into a class that is full');
    equal(lab.fill({ cpu: 0 }, 'instruction').length, 0, 'it keeps its share where it was');
  }),
];
