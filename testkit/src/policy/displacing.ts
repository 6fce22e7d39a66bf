import type { SlotClaim } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { fakeManifest } from '../fakes/fake-manifest.js';
import type { PolicyLab, Target } from './policy-lab.js';
import type { PolicyCase } from './policy-subject.js';
import { forAnySteps, perform } from './steps.js';

function displaces(id: string, run: PolicyCase['run'], applies: PolicyCase['applies'] = () => true): PolicyCase {
  return {
    id: `policy/displaces-${id}`,
    applies: (subject) => subject.displaces !== undefined && applies(subject),
    run,
  };
}

/** Claims of these priorities, in this order; each is asked for. */
function ask(lab: PolicyLab, target: Target, ...priorities: readonly number[]): readonly SlotClaim[] {
  return priorities.map((priority) => {
    const claim = lab.claim(target, 'data', priority);
    lab.reserve(claim);
    return claim;
  });
}

const oneRegister = () => fakeManifest({ slots: 1 });

/** What a policy promises that takes registers away by priority. */
export const displacing: readonly PolicyCase[] = [
  displaces('the-weakest', (subject) => {
    for (const { lab, slots, slotClass } of subject.pools()) {
      for (const target of [{ cpu: 0 }, { task: lab.cur }, { task: lab.oth, cpu: 1 }]) {
        const held = Array.from({ length: slots }, (_, i) => lab.claim(target, slotClass, (i * 7) % slots));
        for (const claim of held) equal(lab.reserve(claim).outcome, 'granted', 'a claim while a register is free');
        const strong = lab.claim(target, slotClass, slots);
        const admission = lab.reserve(strong);
        equal(admission.outcome, 'granted', `a claim of a priority above the ${slots} that are granted`);
        const lost = held.filter((claim) => lab.waiting.has(claim));
        equal(lost.length, 1, 'claims that have to wait for one that was granted');
        const weakest = Math.min(...held.map(({ priority }) => priority));
        equal(lost[0]?.priority, weakest, 'priority of the claim that has to wait');
        lab.checkPlacement();
        lab.releaseAll();
      }
    }
  }),

  displaces('nobody-of-its-own-priority', (subject) => {
    for (const { lab, slots, slotClass } of subject.pools()) {
      const held = Array.from({ length: slots }, () => lab.claim({ cpu: 0 }, slotClass, 5));
      for (const claim of held) lab.reserve(claim);
      for (const priority of [5, 4]) {
        const { outcome } = lab.reserve(lab.claim({ cpu: 0 }, slotClass, priority));
        ok(outcome !== 'granted', `a claim of priority ${priority} is granted where all registers are held by 5`);
      }
      ok(
        held.every((claim) => lab.granted.has(claim)),
        'those who were first keep their registers',
      );
      lab.releaseAll();
    }
  }),

  displaces('and-gives-back', (subject) => {
    for (const { lab, slots, slotClass } of subject.pools()) {
      for (const [target, rival] of [
        [{ cpu: 0 }, { cpu: 0 }],
        [{ task: lab.cur }, { cpu: 1 }],
        [{ cpu: 0 }, { task: lab.cur }],
      ] as const) {
        const held = Array.from({ length: slots }, () => lab.claim(target, slotClass, 1));
        for (const claim of held) lab.reserve(claim);
        const strong = lab.claim(rival, slotClass, 9);
        equal(lab.reserve(strong).outcome, 'granted', 'a strong claim where all registers are held by weaker ones');
        lab.release(strong);
        ok(
          held.every((claim) => lab.granted.has(claim)),
          'who had to make room is granted once the strong claim is released',
        );
        lab.releaseAll();
      }
    }
  }),

  displaces('from-all-who-are-in-the-way', (subject) => {
    const lab = subject.lab(oneRegister());
    const users = [...ask(lab, { task: lab.cur }, 1), ...ask(lab, { task: lab.oth }, 2)];
    equal(lab.granted.size, 2, 'claims of two tasks that are granted the same register');
    equal(lab.reserve(lab.claim({ cpu: 0 }, 'data', 2)).outcome, 'waiting', 'one as strong as the stronger of them');
    equal(lab.waiting.size, 1, 'nobody has lost anything');
    const [strong] = ask(lab, { cpu: 0 }, 3);
    ok(
      users.every((claim) => lab.waiting.has(claim)),
      'both tasks make room for a CPU that runs either',
    );
    if (strong !== undefined) lab.release(strong);
    ok(
      users.some((claim) => lab.granted.has(claim)),
      'they get it back',
    );
  }),

  displaces('in-places-that-are-kept', (subject) => {
    const lab = subject.lab(oneRegister());
    const names = ['holder', 'early 1', 'first 5', 'late 5', 'late 1'];
    const claims = ask(lab, { cpu: 0 }, 5, 1, 5, 5, 1);
    const turn = (): string => names[claims.findIndex((claim) => lab.granted.has(claim))] ?? 'nobody';
    const [strong] = ask(lab, { cpu: 0 }, 9);
    if (strong !== undefined) lab.release(strong);
    const turns: string[] = [];
    while (lab.granted.size > 0) {
      turns.push(turn());
      for (const claim of [...lab.granted]) lab.release(claim);
    }
    equal(
      turns,
      ['holder', 'first 5', 'late 5', 'early 1', 'late 1'],
      'turns: by priority, inside a level in the order of asking, and whoever was displaced where it was',
    );
  }),

  displaces('nothing-for-what-comes-to-nothing', (subject) => {
    forAnySteps(subject.manifests, (manifest, steps) => {
      const lab = subject.lab(manifest);
      const twin = subject.lab(manifest);
      for (const step of steps) {
        const before = lab.places;
        const target = step.target % 2 === 0 ? { cpu: step.target % 4 === 0 ? 0 : 1 } : { task: lab.cur };
        for (const priority of [step.priority, 9]) lab.attempt(lab.claim(target, step.slotClass, priority));
        equal(lab.places, before, 'registers after a claim that turned out to be invalid');
        const [did, would] = [perform(lab, step), perform(twin, step)];
        equal(did, would, `a ${step.action}, by a policy that was never asked what came to nothing`);
      }
    });
  }),

  displaces(
    'nobody-waits-for-weaker-ones',
    (subject) => {
      forAnySteps(subject.manifests, (manifest, steps) => {
        const lab = subject.lab(manifest);
        for (const step of steps) {
          perform(lab, step);
          for (const { slotClass, priority } of lab.waiting) {
            const rivals = [...lab.granted].filter((one) => manifest.slots.shared || one.slotClass === slotClass);
            const before = rivals.filter((one) => one.priority >= priority).length;
            const limit = manifest.slots[slotClass];
            ok(
              before >= limit,
              `a claim of priority ${priority} waits for ${limit} registers, held by ${before} not weaker`,
            );
          }
        }
      });
    },
    (subject) => subject.displaces === 'exact',
  ),

  displaces('who-cannot-wait-is-refused', (subject) => {
    for (const { lab, slots, slotClass } of subject.pools()) {
      const held = Array.from({ length: slots }, () => lab.claim({ cpu: 0 }, slotClass, 5));
      for (const claim of held) lab.reserve(claim);
      const admission = lab.reserve(lab.claim({ cpu: 0 }, slotClass, 5, { waits: false }));
      equal(admission.outcome, 'refused', 'a claim that cannot wait, where all registers are held by its equals');
      if (admission.outcome === 'refused') ok(admission.holders.length > 0, 'the refusal names holders');
      equal(lab.granted.size, slots, 'claims that are granted behind the refusal');
      const strong = lab.claim({ cpu: 0 }, slotClass, 6, { waits: false });
      equal(lab.reserve(strong).outcome, 'granted', 'a stronger claim that cannot wait');
      lab.releaseAll();
    }
  }),

  displaces('over-a-change-of-class', (subject) => {
    const lab = subject.lab(fakeManifest({ slots: { data: 1, instruction: 1 } }));
    const [strong, waits] = ask(lab, { cpu: 0 }, 5, 0);
    const rival = lab.claim({ cpu: 0 }, 'instruction', 1);
    lab.reserve(rival);
    if (strong === undefined || waits === undefined) return;
    equal(lab.change(strong, 'instruction').outcome, 'granted', 'a change to a class that a weaker claim holds');
    ok(lab.waiting.has(rival), 'the weaker claim of that class waits');
    ok(lab.granted.has(waits), 'who waited for the old register has it');
    equal(lab.change(strong, 'data').outcome, 'granted', 'and back');
    ok(lab.granted.has(rival) && lab.waiting.has(waits), 'as it was before');
    lab.checkPlacement();
  }),
];
