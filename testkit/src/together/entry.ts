import { type DieRecord, NOTIFY_STOP, program, SI_CODES, type SignalInfo, type Task } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { always, dataAtLeast, hasRegisters, steps } from '../lab/applies.js';
import { type BackendCase, type BackendSubject, labCase } from '../lab/backend-subject.js';
import { besideDirectMap, inDirectMap } from '../lab/kernel-memory.js';
import type { Lab } from '../lab/lab.js';
import { plain } from '../lab/spot.js';
import { during, inEveryClassAndMode } from './modes.js';

/** What Linux's architectures say of a single step, and of a software breakpoint. */
const STEP_CODES: readonly number[] = [SI_CODES.TRAP_TRACE, SI_CODES.TRAP_HWBKPT];
const BREAKPOINT_CODES: readonly number[] = [SI_CODES.TRAP_BRKPT, SI_CODES.SI_KERNEL];

/** The signals of this name that a task gets, while its handler ends it. */
function endsWith(lab: Lab, task: Task, signal: 'SIGTRAP' | 'SIGSEGV'): readonly SignalInfo[] {
  const seen: SignalInfo[] = [];
  task.handlers.set(signal, (info) => {
    seen.push(info);
    lab.machine.exit(task, { code: 3 });
    return program([plain(7)])();
  });
  return seen;
}

/** What becomes of exceptions that are no breakpoint's. */
export const entryCases: readonly BackendCase[] = [
  labCase('together/a-page-fault-in-user-mode-is-a-sigsegv', always, (lab) => {
    const address = inDirectMap(lab.manifest);
    for (const kind of ['read', 'write'] as const) {
      const task = lab.task([{ ...plain(0), accesses: [{ kind, address, size: 1 }] }, plain(1)]);
      const seen = endsWith(lab, task, 'SIGSEGV');
      lab.run();
      equal(
        seen.map(({ si_addr }) => si_addr),
        [address],
        `si_addr of the signals of a ${kind} that is not allowed`,
      );
      equal(task.exit, { code: 3 }, `how the task ended: by its handler, behind a ${kind} that is not allowed`);
    }
    equal(lab.machine.oopses, [], 'what the kernel itself has done');
  }),

  labCase('together/a-page-fault-in-kernel-mode-is-an-oops', always, (lab) => {
    const address = besideDirectMap(lab.manifest);
    lab.machine.kernelMemory.map(address, 1, { permissions: { read: false, write: false } });
    for (const [i, kind] of (['read', 'write'] as const).entries()) {
      const accesses = [{ kind, address, size: 1 }];
      const task = lab.task([{ ...plain(0), syscall: program([{ ...plain(2), accesses }]) }, plain(1)]);
      const seen = endsWith(lab, task, 'SIGSEGV');
      lab.run();
      equal(lab.machine.oopses.length, i + 1, `oopses behind a ${kind} of the kernel's that is not allowed`);
      equal(seen.length, 0, "signals that the task's own handler got of the kernel's page fault");
      equal(task.exit, { signal: 'SIGSEGV' }, 'how the task ended on whose behalf it was');
    }
  }),

  labCase('together/a-step-says-where-the-task-is', steps, (lab) => {
    const first = plain(0);
    const task = lab.task([first, plain(1)]);
    const seen = endsWith(lab, task, 'SIGTRAP');
    task.context.singleStep = true;
    lab.run();
    equal(seen.length, 1, 'signals of a step that nobody wanted');
    const next = first.pc + BigInt(first.length ?? 0);
    const { si_code, si_addr = next } = seen[0] ?? { si_code: -1 };
    equal(si_addr, next, 'si_addr: the instruction behind the one that was stepped');
    ok(STEP_CODES.includes(si_code), `si_code of a step: expected TRAP_TRACE or TRAP_HWBKPT, got ${si_code}`);
  }),

  labCase('together/a-software-breakpoint-says-what-it-is', always, (lab) => {
    const task = lab.task([{ ...plain(), trap: 'breakpoint' }, plain(1)]);
    const seen = endsWith(lab, task, 'SIGTRAP');
    lab.run();
    equal(seen.length, 1, 'signals of a software breakpoint that nobody has planted');
    const si_code = seen[0]?.si_code ?? -1;
    ok(BREAKPOINT_CODES.includes(si_code), `si_code: expected TRAP_BRKPT or SI_KERNEL, got ${si_code}`);
  }),

  labCase('together/a-step-in-kernel-mode-is-no-signal', steps, (lab) => {
    let steps = 0;
    lab.machine.dieChain.register(({ event }) => {
      if (event !== 'breakpoint') steps++;
      return 'done';
    });
    const call = program(function* () {
      yield plain(3);
      task.context.singleStep = true;
      yield plain(4);
      yield plain(5);
    });
    const task: Task = lab.task([{ ...plain(0), syscall: call }, plain(1), plain(2)]);
    lab.run();
    equal(task.exit, { code: 0 }, 'how a task ended that stepped in a system call, which nobody wanted');
    ok(steps > 0, 'somebody in the die chain sees a step in kernel mode');
  }),

  inEveryClassAndMode('together/a-step-that-is-over-is-not-seen-again', 1, ({ lab, mode, spot }) => {
    const { attr, touch } = spot();
    const seen: string[] = [];
    lab.machine.dieChain.register(({ event, status, cpu }: DieRecord) => {
      seen.push(`${event} with status 0x${(status >>> 0).toString(16)}`);
      cpu.context.singleStep = false;
      return NOTIFY_STOP;
    });
    const task = lab.task([plain(0), plain(1), touch, plain(2)], { mode });
    task.context.singleStep = true;
    const watch = lab.user(task, attr);
    lab.run();
    equal(watch.count, 1, 'calls of the handler behind a step that is over');
    const once = lab.manifest.singleStep ? 1 : 0;
    equal(seen.length, once, `what a debugger sees of one step and a hit later: ${seen.join(', ')}; number`);
    equal(task.exit, { code: 0 }, 'how the task ended');
  }),

  labCase('together/a-newcomer-does-not-inherit-a-completion', dataAtLeast(1), (lab) => {
    // It gets the register of one that was hit, while the machine is stopped inside of that hit's exception.
    const [a, b] = [lab.spot(0, 'data'), lab.spot(1, 'data')];
    const task = lab.task([a.touch, plain(), b.touch, a.touch, plain(1)]);
    let stopped = false;
    lab.machine.dieChain.register(({ event }) => {
      if (event === 'debug' && !stopped) lab.machine.stop('testkit');
      stopped ||= event === 'debug';
      return 'done';
    }, Number.MAX_SAFE_INTEGER);
    const old = lab.user(task, a.attr);
    lab.runUntil('stopped');
    const { register } = old.breakpoint;
    const before = old.count;
    lab.breakpoints.unregister(old.breakpoint);
    const pcs: bigint[] = [];
    const added = lab.user(task, b.attr, (hit) => pcs.push(hit.pc));
    equal(added.breakpoint.register, register, 'register of the newcomer: that of the one which was hit');
    lab.run();
    equal(old.count, before, 'calls of the handler that was unregistered, from then on');
    equal(pcs, [b.touch.pc], 'instructions that the newcomer is told of');
    equal(task.exit, { code: 0 }, 'how the task ended');
  }),

  {
    id: 'together/one-backend-serves-many-kernels',
    applies: ({ manifest }) => hasRegisters(manifest),
    run: (subject: BackendSubject) => {
      const arch = subject.architecture();
      const labs = [subject.lab({ arch }), subject.lab({ arch })];
      const stopped = labs.map((lab) => {
        const { attr, touch } = lab.spot();
        const task = lab.task([touch, plain(), touch], { mode: 'kernel' });
        const watch = lab.user(task, attr, (hit) => hit.suspend('testkit'));
        lab.runUntil('suspended');
        return { lab, task, watch };
      });
      // Each is inside of an exception while the others are: they go on in the order in which they came.
      for (const [i, { lab, task, watch }] of stopped.entries()) {
        during(`kernel ${i} of two with one backend`, () => {
          lab.runUntil('suspended');
          lab.run();
          equal(watch.count, 2, 'calls of its handler');
          equal(task.exit, { code: 0 }, 'how its task ended');
        });
      }
      for (const lab of labs) lab.finish();
    },
  },
];
