import { slotsOf } from '@hwbp/core';
import { equal } from '../assert/index.js';
import type { BackendCase } from '../lab/backend-subject.js';
import type { Watch } from '../lab/lab.js';
import { plain } from '../lab/spot.js';
import { inEveryClassAndMode } from './modes.js';

/** Stopping inside the exception, and going on. */
export const suspensionCases: readonly BackendCase[] = [
  inEveryClassAndMode('together/suspends-inside-the-exception', 1, ({ lab, mode, slotClass, spot }) => {
    const { attr, touch } = spot();
    const task = lab.task([touch, plain(), touch], { mode });
    let stops = 0;
    const watch = lab.user(task, attr, (hit) => hit.suspend('testkit', ++stops));
    const more = slotsOf(lab.manifest, slotClass) > 1 ? [lab.user(task, attr)] : [];
    for (const round of [1, 2]) {
      const { message, detail } = lab.runUntil('suspended');
      equal([message, detail], ['testkit', round], 'what run says');
      equal(watch.count, round, 'calls of the handler');
      for (const { count } of more) equal(count, round - 1, 'calls of the next handler while the first suspends');
    }
    lab.run();
    equal(watch.count, 2, 'calls of the handler in the end');
    for (const { count } of more) equal(count, 2, 'calls of the next handler in the end');
    equal(task.exit, { code: 0 }, 'how the task ended');
  }),

  inEveryClassAndMode('together/unregistered-while-suspended-is-silent', 2, ({ lab, mode, spot }) => {
    const { attr, touch } = spot();
    const task = lab.task([touch, plain(), touch], { mode });
    const first = lab.user(task, attr, (hit) => hit.suspend('testkit'));
    const second = lab.user(task, attr);
    lab.runUntil('suspended');
    lab.breakpoints.unregister(first.breakpoint);
    lab.breakpoints.unregister(second.breakpoint);
    lab.run();
    equal([first.count, second.count], [1, 0], 'calls of the handlers');
  }),

  inEveryClassAndMode('together/a-newcomer-does-not-inherit-a-suspended-hit', 2, ({ lab, mode, spot }) => {
    // It gets the register of one that was hit, has yet to be told, and is unregistered while the first suspends.
    const { attr, touch } = spot();
    const task = lab.task([touch, plain(), touch, plain(1)], { mode });
    let stops = 0;
    const first = lab.user(task, attr, (hit) => {
      if (stops++ === 0) hit.suspend('testkit');
    });
    const second = lab.user(task, attr);
    lab.runUntil('suspended');
    const { register } = second.breakpoint;
    lab.breakpoints.unregister(second.breakpoint);
    const added = lab.user(task, attr);
    equal(added.breakpoint.register, register, 'register of the newcomer: that of the one which was unregistered');
    lab.run();
    equal([first.count, second.count, added.count], [2, 0, 1], 'calls of the first, the removed and the new handler');
    equal(task.exit, { code: 0 }, 'how the task ended');
  }),

  inEveryClassAndMode('together/changes-while-suspended-count', 1, ({ lab, mode, spot }) => {
    const [a, b] = [spot(0), spot(1)];
    const task = lab.task([a.touch, plain(), a.touch, b.touch], { mode });
    const seen: bigint[] = [];
    const watch = lab.user(task, a.attr, (hit) => {
      seen.push(hit.pc);
      if (seen.length === 1) hit.suspend('testkit');
    });
    lab.runUntil('suspended');
    lab.breakpoints.modify(watch.breakpoint, { bp_addr: b.attr.bp_addr });
    lab.run();
    equal(seen, [a.touch.pc, b.touch.pc], 'instructions that hit');
  }),

  inEveryClassAndMode('together/disabled-while-suspended-is-silent', 2, ({ lab, mode, spot }) => {
    const { attr, touch } = spot();
    const task = lab.task([touch, plain(), touch, plain(1)], { mode });
    let stops = 0;
    const first: Watch = lab.user(task, attr, (hit) => {
      if (stops++ === 0) hit.suspend('testkit');
    });
    const second = lab.user(task, attr);
    lab.runUntil('suspended');
    lab.breakpoints.disable(second.breakpoint);
    lab.run();
    equal(
      [first.count, second.count],
      [2, 0],
      'calls of the handler that suspended, and of the one disabled meanwhile',
    );
  }),

  inEveryClassAndMode('together/exceptions-of-other-cpus-come-meanwhile', 1, ({ lab, mode, spot }) => {
    // One CPU is stopped inside an exception; another has exceptions of its own, from the other mode.
    const { attr, touch } = spot();
    const other = lab.task([touch, plain(1), touch, plain(2)], {
      affinity: [1],
      mode: mode === 'user' ? 'kernel' : 'user',
    });
    const task = lab.task([touch, plain(), touch, plain(3)], { affinity: [0], mode });
    const inner = lab.user(other, attr);
    let outside = 0;
    const outer = lab.user(task, attr, () => {
      if (outside++ > 0) return;
      lab.machine.run(100);
      equal(inner.count, 2, 'calls of the handler on the other CPU, while one is inside of an exception');
    });
    lab.run();
    equal([outer.count, inner.count], [2, 2], 'calls of the handlers');
    equal([task.exit, other.exit], [{ code: 0 }, { code: 0 }], 'how the tasks ended');
  }),
];
