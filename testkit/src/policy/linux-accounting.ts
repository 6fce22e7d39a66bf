import type { SlotClass } from '@hwbp/core';
import { equal } from '../assert/index.js';
import { fakeManifest } from '../fakes/fake-manifest.js';
import { forAnyClaims } from './any-claims.js';
import { linuxRule } from './formula.js';
import type { PolicyCase } from './policy-subject.js';

function linux(id: string, run: PolicyCase['run']): PolicyCase {
  return { id: `policy/linux-${id}`, applies: ({ honoursLinux }) => honoursLinux, run };
}

/** Linux's accounting beyond the nine vectors. */
export const linuxAccounting: readonly PolicyCase[] = [
  linux('rule-as-a-formula', (subject) => forAnyClaims(subject, { weights: 1, shares: false }, linuxRule)),

  linux('weights-count', (subject) => forAnyClaims(subject, { weights: 3, shares: false }, linuxRule)),

  {
    id: 'policy/linux-flexible-claims-count-as-pinned',
    applies: ({ honoursLinux, shares }) => honoursLinux && !shares,
    run: (subject) => {
      const lab = subject.lab(fakeManifest({ slots: 2 }));
      const flexible = () => lab.claim({ cpu: 0 }, 'data', 0, { pinned: false });
      for (const outcome of ['granted', 'granted', 'refused'] as const)
        equal(lab.reserve(flexible()).outcome, outcome, 'a flexible claim of a CPU of 2 registers');
      lab.checkPlacement();
    },
  },

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
