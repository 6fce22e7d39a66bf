import type { SlotClaim } from '@hwbp/core';
import { equal } from '../assert/index.js';
import type { Target } from './policy-lab.js';
import type { PolicyCase, Pool } from './policy-subject.js';

/** The words in which the vectors are told. */
interface Teller {
  readonly n: number;
  readonly cur: Target;
  readonly oth: Target;
  readonly cur0: Target;
  readonly cur1: Target;
  readonly oth0: Target;
  readonly c0: Target;
  readonly c1: Target;
  /** So many claims, all granted. */
  fill(target: Target, count: number): SlotClaim[];
  /** One claim, granted. */
  one(target: Target): SlotClaim;
  /** One more is refused for each of these. */
  full(...targets: readonly Target[]): void;
  remove(claim: SlotClaim | undefined): void;
}

const nameOf = ({ task, cpu }: Target): string =>
  task === undefined ? `CPU ${cpu}` : `${task.comm}${cpu === undefined ? ', any CPU' : ` on CPU ${cpu}`}`;

function tellerOf({ lab, slots, slotClass }: Pool): Teller {
  const { cur, oth } = lab;
  const where = `${slots} ${lab.manifest.slots.shared ? 'shared' : slotClass} registers`;
  const ask = (target: Target, expected: 'granted' | 'refused'): SlotClaim => {
    const claim = lab.claim(target, slotClass);
    equal(lab.reserve(claim).outcome, expected, `${where}: a claim of ${nameOf(target)}, ${lab.claims.length} held`);
    return claim;
  };
  return {
    n: slots,
    cur: { task: cur },
    oth: { task: oth },
    cur0: { task: cur, cpu: 0 },
    cur1: { task: cur, cpu: 1 },
    oth0: { task: oth, cpu: 0 },
    c0: { cpu: 0 },
    c1: { cpu: 1 },
    fill: (target, count) => Array.from({ length: count }, () => ask(target, 'granted')),
    one: (target) => ask(target, 'granted'),
    full: (...targets) => {
      for (const target of targets) ask(target, 'refused');
    },
    remove: (claim) => {
      if (claim !== undefined) lab.release(claim);
    },
  };
}

function vector(id: string, least: number, tell: (teller: Teller) => void): PolicyCase {
  return {
    id: `policy/linux-${id}`,
    applies: ({ honoursLinux }) => honoursLinux,
    run: (subject) => {
      for (const pool of subject.pools(least)) {
        tell(tellerOf(pool));
        pool.lab.checkPlacement();
        pool.lab.releaseAll();
        equal(pool.lab.policy.isUsed, false, `${pool.slots} registers: isUsed once everything was removed`);
      }
    },
  };
}

/**
 * The nine cases of Linux's own test (kernel/events/hw_breakpoint_test.c), with what real kernels showed beyond them.
 */
export const linuxVectors: readonly PolicyCase[] = [
  vector('1-one-cpu', 1, ({ n, fill, full, one, remove, cur, c0, c1, cur1 }) => {
    fill(c0, n);
    full(cur, c0);
    remove(one(c1));
    one(cur1);
  }),

  vector('2-many-cpus', 1, ({ n, fill, full, c0, c1 }) => {
    for (const cpu of [c0, c1]) {
      fill(cpu, n);
      full(cpu);
    }
  }),

  vector('3-one-task-all-cpus', 1, ({ n, fill, full, one, remove, cur, cur0, c0 }) => {
    const held = fill(cur, n);
    full(cur, cur0, c0);
    remove(held[0]);
    one(c0);
  }),

  vector('4-two-tasks-all-cpus', 1, ({ n, fill, full, remove, cur, oth, cur0, oth0, c0 }) => {
    const held = fill(cur, n);
    fill(oth, n);
    full(cur, oth, cur0, oth0, c0);
    remove(held[0]);
    full(c0);
  }),

  vector('5-one-task-one-cpu', 1, ({ n, fill, full, one, remove, cur, cur0, cur1, c0, c1 }) => {
    const held = fill(cur0, n);
    full(cur, cur0, c0);
    remove(one(cur1));
    remove(one(c1));
    remove(held[0]);
    one(c0);
  }),

  vector('6-one-task-mixed', 3, ({ n, fill, full, one, remove, cur, cur0, cur1, c0 }) => {
    const bound = one(cur0);
    const held = fill(cur, n - 1);
    full(cur, cur0, c0);
    remove(one(cur1));
    remove(bound);
    remove(held[0]);
    fill(c0, 2);
    full(c0);
  }),

  vector('7-two-tasks-one-cpu', 1, ({ n, fill, full, cur, oth, cur0, oth0, c0, c1 }) => {
    fill(cur0, n);
    fill(oth0, n);
    full(cur, oth, cur0, oth0, c0);
    fill(c1, n);
  }),

  vector('8-two-tasks-one-and-all', 1, ({ n, fill, full, cur, oth, cur0, oth0, c0, c1 }) => {
    fill(cur0, n);
    fill(oth, n);
    full(cur, oth, cur0, oth0, c0, c1);
  }),

  vector('9-task-on-all-and-one', 3, ({ n, fill, full, one, remove, cur, cur0, c0, c1 }) => {
    fill(cur, n - 2);
    const bound = one(cur0);
    one(cur);
    full(cur, cur0, c0);
    const wide = one(c1);
    full(c1);
    remove(bound);
    full(cur);
    remove(wide);
    one(cur);
    full(cur, cur0, c0, c1);
  }),
];
