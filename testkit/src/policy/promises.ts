import { equal, fail, ok } from '../assert/index.js';
import { fakeManifest } from '../fakes/fake-manifest.js';
import type { PolicyCase } from './policy-subject.js';
import { forAnySteps, perform, type Step, targetOf } from './steps.js';

/** What every policy promises. */
export const policyPromises: readonly PolicyCase[] = [
  {
    id: 'policy/grants-what-there-is',
    run: (subject) => {
      for (const { lab, slots, slotClass } of subject.pools()) {
        for (const target of [{ cpu: 0 }, { cpu: 1 }, { task: lab.cur }, { task: lab.oth, cpu: 1 }]) {
          ok(lab.fill(target, slotClass).length >= 1, `the first claim is granted, of ${slots} registers`);
          lab.releaseAll();
        }
      }
    },
  },

  {
    id: 'policy/grants-no-more-than-there-is',
    run: (subject) => {
      for (const { lab, slots, slotClass } of subject.pools()) {
        for (const target of [{ cpu: 0 }, { task: lab.cur }, { task: lab.cur, cpu: 1 }]) {
          lab.fill(target, slotClass, slots + 2);
          lab.checkPlacement();
          lab.releaseAll();
        }
      }
    },
  },

  {
    id: 'policy/no-registers-no-grants',
    run: (subject) => {
      const lab = subject.lab(fakeManifest({ slots: 0 }));
      for (const target of [{ cpu: 0 }, { task: lab.cur }]) {
        const { outcome } = lab.reserve(lab.claim(target));
        ok(outcome !== 'granted', 'a claim is granted where there are no registers');
      }
      lab.releaseAll();
      equal(lab.policy.isUsed, false, 'isUsed in the end');
    },
  },

  {
    id: 'policy/granted-claims-find-a-register-together',
    run: (subject) => {
      forAnySteps(subject.manifests, (manifest, steps) => {
        const lab = subject.lab(manifest);
        for (const step of steps) {
          perform(lab, step);
          lab.checkPlacement();
        }
      });
    },
  },

  {
    id: 'policy/is-used-while-anything-is-held',
    run: (subject) => {
      forAnySteps(subject.manifests, (manifest, steps) => {
        const lab = subject.lab(manifest);
        for (const step of steps) {
          perform(lab, step);
          equal(lab.policy.isUsed, lab.claims.length > 0, `isUsed with ${lab.claims.length} claims`);
        }
        lab.releaseAll();
        equal(lab.policy.isUsed, false, 'isUsed after everything was released');
      });
    },
  },

  {
    id: 'policy/release-is-exact',
    run: (subject) => {
      forAnySteps(subject.manifests, (manifest, steps) => {
        const used = subject.lab(manifest);
        for (const step of steps) perform(used, step);
        used.releaseAll();
        const fresh = subject.lab(manifest);
        for (const slotClass of ['data', 'instruction'] as const) {
          for (let which = 0; which < 8; which++) {
            const [after, new_] = [used, fresh].map((lab) => lab.fill(targetOf(lab, which), slotClass).length);
            equal(after, new_, `claims granted after all was released, against a new policy (target ${which})`);
            used.releaseAll();
            fresh.releaseAll();
          }
        }
      });
    },
  },

  {
    id: 'policy/a-refusal-changes-nothing',
    run: (subject) => {
      forAnySteps(subject.manifests, (manifest, steps) => {
        const asked = subject.lab(manifest);
        // The twins have never heard of what was refused.
        const twin = subject.lab(manifest);
        const accepted: Step[] = [];
        for (const step of steps) {
          const outcome = perform(asked, step);
          let last: string;
          if (outcome === 'refused') {
            const fresh = subject.lab(manifest);
            for (const one of accepted) perform(fresh, one);
            last = perform(fresh, step);
          } else {
            accepted.push(step);
            last = perform(twin, step);
          }
          equal(last, outcome, `a ${step.action}, by a policy that was never asked what was refused before`);
        }
      });
    },
  },

  {
    id: 'policy/a-refusal-says-who-is-in-the-way',
    run: (subject) => {
      for (const { lab, slots, slotClass } of subject.pools()) {
        lab.fill({ task: lab.cur }, slotClass);
        const admission = lab.reserve(lab.claim({ task: lab.cur }, slotClass));
        if (admission.outcome !== 'refused') {
          lab.releaseAll();
          continue;
        }
        equal(admission.limit, slots, 'limit of a refusal');
        ok(admission.holders.length > 0, 'a refusal names holders');
        if (!admission.holders.every((holder) => lab.claims.includes(holder)))
          fail('a refusal names a claim that is not held');
        lab.releaseAll();
      }
    },
  },
];
