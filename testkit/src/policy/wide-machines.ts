import { equal, ok } from '../assert/index.js';
import type { PolicyCase } from './policy-subject.js';
import { forAnySteps, perform } from './steps.js';

/** More CPUs than a word has bits: of 32, and of 64. */
const SIZES = [33, 70];

/** Machines of many CPUs, some of which are offline, and tasks that share a process. */
export const wideMachines: readonly PolicyCase[] = [
  {
    id: 'policy/every-cpu-of-a-wide-machine-counts-alone',
    run: (subject) => {
      for (const manifest of subject.manifests.slice(0, 2)) {
        const slotClass = manifest.slots.data > 0 ? 'data' : 'instruction';
        const slots = manifest.slots[slotClass];
        for (const cpus of SIZES) {
          const lab = subject.lab(manifest, cpus);
          const some = [0, 1, 31, 32, 63, 64, cpus - 1].filter((cpu, i, all) => cpu < cpus && all.indexOf(cpu) === i);
          const first = lab.fill({ cpu: 0 }, slotClass, slots + 1).length;
          lab.releaseAll();
          for (const cpu of some) {
            for (const task of [undefined, lab.cur]) {
              const what = `${task === undefined ? '' : 'of a task '}on CPU ${cpu} of ${cpus}`;
              const held = lab.fill({ cpu, ...(task === undefined ? {} : { task }) }, slotClass, slots + 1);
              if (task === undefined) equal(held.length, first, `claims ${what} that are granted, as on CPU 0`);
              ok(held.length > 0, `the first claim ${what} is granted`);
              const neighbour = (cpu + 1) % cpus;
              const next = lab.claim({ cpu: neighbour }, slotClass);
              if (subject.displaces === undefined)
                equal(lab.reserve(next).outcome, 'granted', `a claim on CPU ${neighbour} beside those ${what}`);
              const { outcome } = lab.reserve(lab.claim({ cpu }, slotClass));
              ok(outcome !== 'granted', `one more claim for CPU ${cpu} beside those ${what} is not granted`);
              lab.checkPlacement();
              lab.releaseAll();
              equal(lab.policy.isUsed, false, `isUsed once all claims ${what} are released`);
            }
          }
        }
      }
    },
  },

  {
    id: 'policy/a-task-counts-on-every-cpu-of-a-wide-machine',
    run: (subject) => {
      for (const manifest of subject.manifests.slice(0, 2)) {
        const slotClass = manifest.slots.data > 0 ? 'data' : 'instruction';
        const slots = manifest.slots[slotClass];
        for (const cpus of SIZES) {
          const lab = subject.lab(manifest, cpus);
          const held = lab.fill({ task: lab.cur }, slotClass, slots + 1);
          for (const cpu of [0, 31, 32, cpus - 1]) {
            const claims = [lab.claim({ cpu }, slotClass), lab.claim({ task: lab.cur, cpu }, slotClass)];
            for (const claim of claims) {
              const { outcome } = lab.reserve(claim);
              ok(
                outcome !== 'granted',
                `a claim for CPU ${cpu} of ${cpus}, where a task may come that has every register`,
              );
              if (outcome === 'waiting') lab.release(claim);
            }
          }
          for (const claim of held) lab.release(claim);
          // The last CPU alone is full: a task that can come there finds nothing.
          const last = lab.fill({ cpu: cpus - 1 }, slotClass, slots + 1);
          const { outcome } = lab.reserve(lab.claim({ task: lab.cur }, slotClass));
          ok(outcome !== 'granted', `a claim of a task where the last CPU of ${cpus} is full`);
          ok(last.length > 0, 'it was filled');
          lab.releaseAll();
        }
      }
    },
  },

  {
    id: 'policy/offline-cpus-count-as-others',
    run: (subject) => {
      forAnySteps(subject.manifests, (manifest, steps) => {
        const online = subject.lab(manifest);
        const offline = subject.lab(manifest);
        for (const [i, step] of steps.entries()) {
          if (i % 7 === 3) offline.machine.setOnline(1, i % 2 === 0);
          equal(perform(offline, step), perform(online, step), `a ${step.action}, where CPU 1 comes and goes`);
          offline.checkPlacement();
        }
      });
    },
  },

  {
    id: 'policy/threads-are-tasks-of-their-own',
    run: (subject) => {
      for (const { lab, slots, slotClass } of subject.pools()) {
        const tasks = [lab.cur, lab.thread];
        const [of, ofThread] = tasks.map((task) => lab.fill({ task }, slotClass, slots + 1).length);
        equal(ofThread, of, `claims of a thread beside those of its process's leader, with ${slots} registers`);
        lab.checkPlacement();
        lab.releaseAll();
      }
    },
  },

  {
    id: 'policy/place-only-looks',
    run: (subject) => {
      for (const { lab, slots, slotClass } of subject.pools()) {
        const [claim] = lab.fill({ cpu: 1 }, slotClass, 1);
        if (claim === undefined) continue;
        const { data, instruction, shared } = lab.manifest.slots;
        const occupied: unknown[] = new Array(shared ? data : data + instruction).fill(undefined);
        const first = lab.policy.place(claim, Object.freeze([...occupied]));
        equal(lab.policy.place(claim, occupied), first, 'the register of a claim that is asked for again');
        equal(
          lab.policy.place(
            claim,
            occupied.map(() => claim),
          ),
          -1,
          'the register of a claim where all are occupied',
        );
        equal(lab.fill({ cpu: 1 }, slotClass, slots).length, slots - 1, 'claims that are granted behind that');
        lab.releaseAll();
      }
    },
  },

  {
    id: 'policy/a-refusal-names-who-is-in-the-way-of-each-kind',
    run: (subject) => {
      for (const { lab, slots, slotClass } of subject.pools()) {
        const other = slotClass === 'data' ? 'instruction' : 'data';
        for (const [held, asked] of [
          [{ cpu: 1 }, { cpu: 1 }],
          [{ cpu: 1 }, { task: lab.cur }],
          [{ cpu: 1 }, { task: lab.oth, cpu: 1 }],
          [{ task: lab.cur }, { cpu: 0 }],
          [{ task: lab.cur, cpu: 1 }, { cpu: 1 }],
          [{ task: lab.cur, cpu: 1 }, { task: lab.cur }],
        ] as const) {
          const holders = lab.fill(held, slotClass);
          const bystanders = [
            ...(lab.manifest.slots.shared || lab.manifest.slots[other] === 0 ? [] : lab.fill({ cpu: 1 }, other, 1)),
            // Not so many that CPU 0 is in the way too.
            ...(held.cpu === undefined || slots < 2 ? [] : lab.fill({ cpu: 0 }, slotClass, 1)),
          ];
          const admission = lab.reserve(lab.claim(asked, slotClass));
          if (admission.outcome === 'refused') {
            ok(
              holders.every((holder) => admission.holders.includes(holder)),
              'a refusal names every claim that is in the way',
            );
            equal(
              admission.holders.filter((holder) => bystanders.includes(holder)).length,
              0,
              'claims of another CPU or class that a refusal names',
            );
          }
          lab.releaseAll();
        }
      }
    },
  },
];
