import { slotsOf } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { always, hasRegisters } from '../lab/applies.js';
import { type BackendCase, labCase } from '../lab/backend-subject.js';
import type { Watch } from '../lab/lab.js';
import { plain } from '../lab/spot.js';
import { inEveryClassAndMode } from './modes.js';

const counts = (watches: readonly Watch[]): number[] => watches.map(({ count }) => count);

/** What a handler may do to breakpoints while it is being called. */
export const handlerCases: readonly BackendCase[] = [
  inEveryClassAndMode('together/handler-unregisters-itself', 1, ({ lab, mode, spot }) => {
    const { attr, touch } = spot();
    const task = lab.task([touch, plain(), touch], { mode });
    const watch = lab.user(task, attr, (hit) => lab.breakpoints.unregister(hit.breakpoint));
    lab.run();
    equal(watch.count, 1, 'calls of the handler');
    equal(watch.breakpoint.state, 'released', 'state');
  }),

  inEveryClassAndMode('together/handler-disables-itself', 1, ({ lab, mode, spot }) => {
    const { attr, touch } = spot();
    const watch = lab.user(lab.task([touch, plain(), touch], { mode }), attr, (hit) => {
      lab.breakpoints.disable(hit.breakpoint);
    });
    lab.run();
    equal(watch.count, 1, 'calls of the handler');
  }),

  inEveryClassAndMode('together/handler-moves-itself', 1, ({ lab, mode, spot }) => {
    const [a, b] = [spot(0), spot(1)];
    const seen: bigint[] = [];
    lab.user(lab.task([a.touch, plain(), a.touch, b.touch, plain(1)], { mode }), a.attr, (hit) => {
      seen.push(hit.pc);
      lab.breakpoints.modify(hit.breakpoint, { bp_addr: b.attr.bp_addr });
    });
    lab.run();
    equal(seen, [a.touch.pc, b.touch.pc], `instructions that hit`);
  }),

  inEveryClassAndMode('together/handler-unregisters-its-neighbour', 2, ({ lab, mode, slotClass, spot }) => {
    const { attr, touch } = spot();
    const task = lab.task([touch, plain()], { mode });
    const first = lab.user(task, attr, () => lab.breakpoints.unregister(second.breakpoint));
    const second = lab.user(task, attr);
    const third = slotsOf(lab.manifest, slotClass) > 2 ? [lab.user(task, attr)] : [];
    lab.run();
    equal(counts([first, second]), [1, 0], `calls of the first handler and of the one that it unregistered`);
    for (const { count } of third) equal(count, 1, 'calls of the handler behind the one that was unregistered');
  }),

  inEveryClassAndMode('together/handler-disables-its-neighbour', 2, ({ lab, mode, spot }) => {
    const { attr, touch } = spot();
    const task = lab.task([touch, plain(), touch], { mode });
    const first = lab.user(task, attr, () => lab.breakpoints.disable(second.breakpoint));
    const second = lab.user(task, attr);
    lab.run();
    equal(counts([first, second]), [2, 0], `calls of the first handler and of the one that it disabled`);
  }),

  inEveryClassAndMode('together/handler-registers-another', 2, ({ lab, mode, spot }) => {
    const { attr, touch } = spot();
    const other = spot(1);
    const task = lab.task([touch, plain(), touch, other.touch], { mode });
    const added: Watch[] = [];
    const watch = lab.user(task, attr, () => {
      if (added.length === 0) added.push(lab.user(task, attr));
    });
    lab.run();
    equal(watch.count, 2, `calls of the first handler`);
    equal(counts(added), [1], 'calls of the handler that came in the middle of the first hit: only for the second');
  }),

  inEveryClassAndMode('together/a-newcomer-does-not-inherit-a-hit', 2, ({ lab, mode, spot }) => {
    // The newcomer gets the register of the neighbour that was hit and removed.
    const [a, b] = [spot(0), spot(1)];
    const task = lab.task([a.touch, plain(), b.touch, plain(1)], { mode });
    const added: Watch[] = [];
    const first = lab.user(task, a.attr, () => {
      if (added.length > 0) return;
      lab.breakpoints.unregister(second.breakpoint);
      added.push(lab.user(task, b.attr, (hit) => equal(hit.pc, b.touch.pc, 'pc of the hit of the newcomer')));
    });
    const second = lab.user(task, a.attr);
    lab.run();
    equal(counts([first, second, ...added]), [1, 0, 1], `calls of first, removed and new handler`);
  }),

  inEveryClassAndMode('together/a-register-freed-in-a-handler-serves-at-once', 1, ({ lab, mode, spot }) => {
    const [a, b] = [spot(0), spot(1)];
    const task = lab.task([a.touch, b.touch, a.touch], { mode });
    const added: Watch[] = [];
    const watch = lab.user(task, a.attr, (hit) => {
      lab.breakpoints.unregister(hit.breakpoint);
      added.push(lab.user(task, b.attr));
    });
    lab.run();
    equal(counts([watch, ...added]), [1, 1], `calls of the old and of the new handler`);
  }),

  inEveryClassAndMode('together/handler-throws', 1, ({ lab, mode, slotClass, spot }) => {
    const { attr, touch } = spot();
    const task = lab.task([touch, plain(), touch], { mode });
    const fails = (): never => {
      throw new Error('planted by the testkit');
    };
    const watch = lab.user(task, attr, fails, { owner: 'clumsy' });
    const others = slotsOf(lab.manifest, slotClass) > 1 ? [lab.user(task, attr)] : [];
    lab.run();
    equal(counts([watch, ...others]), [2, ...others.map(() => 2)], `calls of each handler`);
    const logged = lab.log.entries.filter(({ level, message }) => level === 'error' && message.includes('clumsy'));
    equal(logged.length, 2, "entries of the kernel's error channel that name the breakpoint");
    ok(logged[0]?.message.includes('planted') === true, 'the entry carries the error');
    equal(task.exit, { code: 0 }, 'how the task ended');
  }),

  inEveryClassAndMode('together/handler-ends-the-task', 1, ({ lab, mode, spot }) => {
    const { attr, touch } = spot();
    const task = lab.task([touch, plain(), touch], { mode });
    const watch = lab.user(task, attr, () => lab.machine.exit(task, { code: 7 }));
    lab.run();
    equal(watch.count, 1, 'calls of the handler');
    equal(task.exit, { code: 7 }, 'how the task ended');
  }),

  labCase(
    'together/handler-error-can-stop-the-run',
    hasRegisters,
    (lab) => {
      const { attr, touch } = lab.spot();
      const task = lab.task([touch, plain()]);
      lab.user(task, attr, () => {
        throw new Error('planted by the testkit');
      });
      lab.runUntil('stopped');
      lab.run();
      equal(task.exit, { code: 0 }, 'how the task ended, when run again');
    },
    { handlerErrors: 'stop' },
  ),

  labCase('together/handler-runs-the-machine', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const other = lab.task([plain(0), touch, plain(1)], { affinity: [1] });
    const inner = lab.user(other, attr);
    const task = lab.task([touch, plain(2)], { affinity: [0] });
    const outer = lab.user(task, attr, () => {
      lab.machine.run(100);
      equal(inner.count, 1, 'calls of the handler on the other CPU, from inside a handler');
    });
    lab.run();
    equal(counts([outer, inner]), [1, 1], 'calls of the handlers');
    equal([task.exit, other.exit], [{ code: 0 }, { code: 0 }], 'how the tasks ended');
  }),

  labCase('together/unregister-twice-and-nothing', always, (lab) => {
    lab.breakpoints.unregister(undefined);
    lab.breakpoints.unregisterWide(undefined);
    if (!hasRegisters(lab.manifest)) return;
    const { attr } = lab.spot();
    const { breakpoint } = lab.onCpu(0, attr);
    lab.breakpoints.unregister(breakpoint);
    lab.unchangedBy('a second unregister', () => lab.breakpoints.unregister(breakpoint));
  }),
];
