import { equal } from '../assert/index.js';
import { atLeast, hasRegisters } from '../lab/applies.js';
import type { BackendCase } from '../lab/backend-subject.js';
import { plain } from '../lab/spot.js';
import { MODES } from './modes.js';

/** Stopping inside the exception, and going on. */
export const suspensionCases: readonly BackendCase[] = [
  {
    id: 'together/suspends-inside-the-exception',
    applies: ({ manifest }) => hasRegisters(manifest),
    run: (subject) => {
      for (const mode of MODES) {
        const lab = subject.lab();
        const { attr, touch } = lab.spot();
        const task = lab.task([touch, plain(), touch], { mode });
        let stops = 0;
        const watch = lab.user(task, attr, (hit) => hit.suspend('testkit', ++stops));
        const more = atLeast(2)(lab.manifest) ? [lab.user(task, attr)] : [];
        for (const round of [1, 2]) {
          const { message, detail } = lab.runUntil('suspended');
          equal([message, detail], ['testkit', round], 'what run says');
          equal(watch.count, round, `calls of the handler, ${mode} mode`);
          for (const { count } of more) equal(count, round - 1, 'calls of the next handler while the first suspends');
        }
        lab.run();
        equal(watch.count, 2, 'calls of the handler in the end');
        for (const { count } of more) equal(count, 2, 'calls of the next handler in the end');
        equal(task.exit, { code: 0 }, 'how the task ended');
        lab.finish();
      }
    },
  },

  {
    id: 'together/unregistered-while-suspended-is-silent',
    applies: ({ manifest }) => atLeast(2)(manifest),
    run: (subject) => {
      for (const mode of MODES) {
        const lab = subject.lab();
        const { attr, touch } = lab.spot();
        const task = lab.task([touch, plain(), touch], { mode });
        const first = lab.user(task, attr, (hit) => hit.suspend('testkit'));
        const second = lab.user(task, attr);
        lab.runUntil('suspended');
        lab.breakpoints.unregister(first.breakpoint);
        lab.breakpoints.unregister(second.breakpoint);
        lab.run();
        equal([first.count, second.count], [1, 0], `calls of the handlers, ${mode} mode`);
        lab.finish();
      }
    },
  },

  {
    id: 'together/changes-while-suspended-count',
    applies: ({ manifest }) => hasRegisters(manifest),
    run: (subject) => {
      for (const mode of MODES) {
        const lab = subject.lab();
        const [a, b] = [lab.spot(0), lab.spot(1)];
        const task = lab.task([a.touch, plain(), a.touch, b.touch], { mode });
        const seen: bigint[] = [];
        const watch = lab.user(task, a.attr, (hit) => {
          seen.push(hit.pc);
          if (seen.length === 1) hit.suspend('testkit');
        });
        lab.runUntil('suspended');
        lab.breakpoints.modify(watch.breakpoint, { bp_addr: b.attr.bp_addr });
        lab.run();
        equal(seen, [a.touch.pc, b.touch.pc], `instructions that hit, ${mode} mode`);
        lab.finish();
      }
    },
  },
];
