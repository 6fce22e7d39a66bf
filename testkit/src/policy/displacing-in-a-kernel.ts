import {
  type Breakpoint,
  directScheduler,
  type Kernel,
  type Plugin,
  perfEvents,
  program,
  type RegisterOptions,
  type Task,
} from '@hwbp/core';
import { equal, ok, throwsErrno } from '../assert/index.js';
import { spotOf } from '../lab/spot.js';
import type { PolicyCase } from './policy-subject.js';

const SCHEDULERS: Readonly<Record<string, () => Plugin>> = { direct: directScheduler, events: () => perfEvents() };

/**
 * A kernel with one register, a task that touches what is watched with every instruction, and what owners were told.
 */
class Stage {
  readonly kernel: Kernel;
  readonly task: Task;
  readonly told: string[] = [];

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    const { touch } = spotOf(kernel.breakpoints.manifest, 0);
    this.task = kernel.machine.spawn(
      program(function* () {
        for (;;) yield touch;
      }),
    );
  }

  /** What is registered under a name, and tells of itself under that. */
  options(owner: string, priority: number, more: RegisterOptions = {}): RegisterOptions {
    return {
      owner,
      priority,
      installed: () => this.told.push(`+${owner}`),
      uninstalled: () => this.told.push(`-${owner}`),
      ...more,
    };
  }

  /** On CPU 0, unless it is a task's. */
  watch(name: string, priority: number, task?: Task, more: RegisterOptions = {}): Breakpoint {
    const { breakpoints } = this.kernel;
    const { attr } = spotOf(breakpoints.manifest, 0);
    const options = this.options(name, priority, more);
    const hit = (): void => {
      this.told.push(`!${name}`);
    };
    return task === undefined
      ? breakpoints.registerCpu(attr, hit, 0, options)
      : breakpoints.registerUser(attr, hit, task, options);
  }

  /** Executes one instruction that touches what is watched. */
  touch(): void {
    this.kernel.machine.run(1);
  }
}

function inAKernel(id: string, run: (stage: Stage) => void, cpus = 1): readonly PolicyCase[] {
  return Object.entries(SCHEDULERS).map(([name, scheduler]) => ({
    id: `policy/displaces-${id}-${name}`,
    applies: ({ displaces }) => displaces !== undefined,
    run: (subject) => {
      using kernel = subject.kernel(scheduler(), cpus);
      run(new Stage(kernel));
    },
  }));
}

/** What a policy that displaces promises to those who register breakpoints. */
export const displacingInAKernel: readonly PolicyCase[] = [
  ...inAKernel('with-notice', (stage) => {
    for (const [weak, strong] of [
      [undefined, stage.task],
      [stage.task, undefined],
      [stage.task, stage.task],
      [undefined, undefined],
    ]) {
      const low = stage.watch('low', 1, weak);
      stage.touch();
      const high = stage.watch('high', 2, strong);
      equal([low.state, high.state], ['waiting', 'active'], 'states of who was displaced, and of who displaced it');
      stage.touch();
      stage.kernel.breakpoints.unregister(high);
      stage.touch();
      stage.kernel.breakpoints.unregister(low);
      equal(stage.told.splice(0), ['!low', '-low', '!high', '+low', '!low'], 'hits and notices');
    }
    ok(!stage.kernel.breakpoints.isUsed, 'no slot is used in the end');
  }),

  ...inAKernel('only-for-what-is-valid', (stage) => {
    const { breakpoints, machine } = stage.kernel;
    const low = stage.watch('low', 1);
    const gone = machine.spawn(program([]), { run: false });
    machine.exit(gone);
    throwsErrno(() => stage.watch('high', 2, gone), 'ESRCH', 'a strong request for a task that has exited');
    const kernelAddress = { ...spotOf(breakpoints.manifest, 0).attr, bp_len: 0 };
    throwsErrno(
      () => breakpoints.registerCpu(kernelAddress, () => {}, 0, { priority: 9 }),
      'EINVAL',
      'a strong request that the architecture does not accept',
    );
    equal(low.state, 'active', 'state of who would have had to make room');
    stage.touch();
    equal(stage.told, ['!low'], 'hits and notices');
  }),

  ...inAKernel('by-a-modification-to-another-class', (stage) => {
    const { breakpoints } = stage.kernel;
    const low = stage.watch('low', 1);
    const high = stage.watch('high', 2);
    // In a shared pool the class does not matter: nobody moves.
    breakpoints.modify(high, spotOf(breakpoints.manifest, 1, 'instruction').attr);
    equal([low.state, high.state], ['waiting', 'active'], 'states behind a change of class in a shared pool');
    breakpoints.disable(high);
    equal([low.state, high.state], ['waiting', 'off'], 'states while the strong one is disabled: it keeps its slot');
    breakpoints.unregister(high);
    equal(low.state, 'active', 'state of the weak one in the end');
  }),

  ...inAKernel('and-owners-may-call-in', (stage) => {
    const { breakpoints } = stage.kernel;
    const quitter = stage.watch('quitter', 1, undefined, { uninstalled: (self) => breakpoints.unregister(self) });
    const high = stage.watch('high', 2);
    equal([quitter.state, high.state], ['released', 'active'], 'states of one that gives up when it is displaced');
    const fighter = stage.watch('fighter', 3, undefined, { uninstalled: () => void stage.watch('again', 9) });
    const higher = stage.watch('higher', 4);
    equal([fighter.state, higher.state], ['waiting', 'waiting'], 'states behind one that comes back at once, stronger');
    stage.touch();
    equal(stage.told, ['-high', '-higher', '!again'], 'hits and notices');
  }),

  ...inAKernel(
    'for-a-wide-request-once-every-cpu-accepts',
    (stage) => {
      const { breakpoints } = stage.kernel;
      const { attr } = spotOf(breakpoints.manifest, 0);
      const weak = stage.watch('weak', 1);
      const low = stage.watch('low', 2);
      const high = breakpoints.registerCpu(attr, () => {}, 2, stage.options('high', 9));
      const states = () => [weak, low, high].map(({ state }) => state);
      equal([states(), stage.told.splice(0)], [['waiting', 'active', 'active'], ['-weak']], 'states and notices');
      const wide = stage.options('wide', 5, { waits: false });
      throwsErrno(
        () => breakpoints.registerWide(attr, () => {}, wide),
        'ENOSPC',
        'a wide request that the last CPU refuses',
      );
      equal([states(), stage.told], [['waiting', 'active', 'active'], []], 'states and notices behind its refusal');
      breakpoints.unregister(high);
      const taken = breakpoints.registerWide(attr, () => {}, wide);
      equal(
        [...taken.members.values()].map(({ state }) => state),
        ['active', 'active', 'active'],
        'its members',
      );
      equal([low.state, stage.told.splice(0)], ['waiting', ['-low']], 'who has made room, once');
      breakpoints.unregisterWide(taken);
      equal([states().slice(0, 2), stage.told], [['waiting', 'active'], ['+low']], 'states and notices in the end');
    },
    3,
  ),
];
