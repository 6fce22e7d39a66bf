import { equal, ok } from '../assert/index.js';
import { always, atLeast, hasRegisters } from '../lab/applies.js';
import { type Applies, type BackendCase, type BackendSubject, labCase } from '../lab/backend-subject.js';
import type { Lab, Watch } from '../lab/lab.js';
import { plain } from '../lab/spot.js';
import { MODES } from './modes.js';

/** A case that is told for hits in user mode and for hits in kernel mode. */
function inBothModes(
  id: string,
  applies: Applies,
  run: (lab: Lab, mode: 'user' | 'kernel', subject: BackendSubject) => void,
): BackendCase {
  return {
    id,
    applies: ({ manifest }) => applies(manifest),
    run: (subject) => {
      for (const mode of MODES) {
        const lab = subject.lab();
        run(lab, mode, subject);
        lab.finish();
      }
    },
  };
}

const counts = (watches: readonly Watch[]): number[] => watches.map(({ count }) => count);

/** What a handler may do to breakpoints while it is being called. */
export const handlerCases: readonly BackendCase[] = [
  inBothModes('together/handler-unregisters-itself', hasRegisters, (lab, mode) => {
    const { attr, touch } = lab.spot();
    const task = lab.task([touch, plain(), touch], { mode });
    const watch = lab.user(task, attr, (hit) => lab.breakpoints.unregister(hit.breakpoint));
    lab.run();
    equal(watch.count, 1, `calls of the handler in ${mode} mode`);
    equal(watch.breakpoint.state, 'released', 'state');
  }),

  inBothModes('together/handler-disables-itself', hasRegisters, (lab, mode) => {
    const { attr, touch } = lab.spot();
    const watch = lab.user(lab.task([touch, plain(), touch], { mode }), attr, (hit) => {
      lab.breakpoints.disable(hit.breakpoint);
    });
    lab.run();
    equal(watch.count, 1, `calls of the handler in ${mode} mode`);
  }),

  inBothModes('together/handler-moves-itself', hasRegisters, (lab, mode) => {
    const [a, b] = [lab.spot(0), lab.spot(1)];
    const seen: bigint[] = [];
    lab.user(lab.task([a.touch, plain(), a.touch, b.touch, plain(1)], { mode }), a.attr, (hit) => {
      seen.push(hit.pc);
      lab.breakpoints.modify(hit.breakpoint, { bp_addr: b.attr.bp_addr });
    });
    lab.run();
    equal(seen, [a.touch.pc, b.touch.pc], `instructions that hit, in ${mode} mode`);
  }),

  inBothModes('together/handler-unregisters-its-neighbour', atLeast(2), (lab, mode) => {
    const { attr, touch } = lab.spot();
    const task = lab.task([touch, plain()], { mode });
    const first = lab.user(task, attr, () => lab.breakpoints.unregister(second.breakpoint));
    const second = lab.user(task, attr);
    const third = atLeast(3)(lab.manifest) ? [lab.user(task, attr)] : [];
    lab.run();
    equal(
      counts([first, second]),
      [1, 0],
      `calls of the first handler and of the one that it unregistered, ${mode} mode`,
    );
    for (const { count } of third) equal(count, 1, 'calls of the handler behind the one that was unregistered');
  }),

  inBothModes('together/handler-disables-its-neighbour', atLeast(2), (lab, mode) => {
    const { attr, touch } = lab.spot();
    const task = lab.task([touch, plain(), touch], { mode });
    const first = lab.user(task, attr, () => lab.breakpoints.disable(second.breakpoint));
    const second = lab.user(task, attr);
    lab.run();
    equal(counts([first, second]), [2, 0], `calls of the first handler and of the one that it disabled, ${mode} mode`);
  }),

  inBothModes('together/handler-registers-another', atLeast(2), (lab, mode) => {
    const { attr, touch } = lab.spot();
    const other = lab.spot(1);
    const task = lab.task([touch, plain(), touch, other.touch], { mode });
    const added: Watch[] = [];
    const watch = lab.user(task, attr, () => {
      if (added.length === 0) added.push(lab.user(task, attr));
    });
    lab.run();
    equal(watch.count, 2, `calls of the first handler in ${mode} mode`);
    equal(counts(added), [1], 'calls of the handler that came in the middle of the first hit: only for the second');
  }),

  inBothModes('together/a-newcomer-does-not-inherit-a-hit', atLeast(2), (lab, mode) => {
    // The newcomer gets the register of the neighbour that was hit and removed.
    const [a, b] = [lab.spot(0), lab.spot(1)];
    const task = lab.task([a.touch, plain(), b.touch, plain(1)], { mode });
    const added: Watch[] = [];
    const first = lab.user(task, a.attr, () => {
      if (added.length > 0) return;
      lab.breakpoints.unregister(second.breakpoint);
      added.push(lab.user(task, b.attr, (hit) => equal(hit.pc, b.touch.pc, 'pc of the hit of the newcomer')));
    });
    const second = lab.user(task, a.attr);
    lab.run();
    equal(counts([first, second, ...added]), [1, 0, 1], `calls of first, removed and new handler in ${mode} mode`);
  }),

  inBothModes('together/a-register-freed-in-a-handler-serves-at-once', hasRegisters, (lab, mode) => {
    const [a, b] = [lab.spot(0), lab.spot(1)];
    const task = lab.task([a.touch, b.touch, a.touch], { mode });
    const added: Watch[] = [];
    const watch = lab.user(task, a.attr, (hit) => {
      lab.breakpoints.unregister(hit.breakpoint);
      added.push(lab.user(task, b.attr));
    });
    lab.run();
    equal(counts([watch, ...added]), [1, 1], `calls of the old and of the new handler in ${mode} mode`);
  }),

  inBothModes('together/handler-throws', hasRegisters, (lab, mode) => {
    const { attr, touch } = lab.spot();
    const task = lab.task([touch, plain(), touch], { mode });
    const fails = (): never => {
      throw new Error('planted by the testkit');
    };
    const watch = lab.user(task, attr, fails, { owner: 'clumsy' });
    const others = atLeast(2)(lab.manifest) ? [lab.user(task, attr)] : [];
    lab.run();
    equal(counts([watch, ...others]), [2, ...others.map(() => 2)], `calls of each handler in ${mode} mode`);
    const logged = lab.log.entries.filter(({ level, message }) => level === 'error' && message.includes('clumsy'));
    equal(logged.length, 2, "entries of the kernel's error channel that name the breakpoint");
    ok(logged[0]?.message.includes('planted') === true, 'the entry carries the error');
    equal(task.exit, { code: 0 }, 'how the task ended');
  }),

  inBothModes('together/handler-ends-the-task', hasRegisters, (lab, mode) => {
    const { attr, touch } = lab.spot();
    const task = lab.task([touch, plain(), touch], { mode });
    const watch = lab.user(task, attr, () => lab.machine.exit(task, { code: 7 }));
    lab.run();
    equal(watch.count, 1, `calls of the handler in ${mode} mode`);
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
