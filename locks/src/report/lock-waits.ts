import {
  blockedTasks,
  type ExecutionContext,
  type Machine,
  type SymbolTable,
  symbolize,
  type Task,
  type Wait,
  waitCycles,
} from '@hwbp/core';
import { keyOf, type LockFacts, type LockUse } from '../lock-use.js';

/** Somebody who waits: for a lock, for a handler that has interrupted him, or for something else that somebody owns. */
export interface LockWait extends Wait<Task | string> {
  /** What for, in words. */
  readonly what: string;
  /** The use that he waits for; `undefined`: of no lock. */
  readonly use: LockUse | undefined;
}

/** Those that wait in a circle: none of them goes on. */
export interface Deadlock {
  readonly waits: readonly LockWait[];
  /** `a-1 waits for b_lock, which b-2 has; b-2 waits for a_lock, which a-1 has`. */
  readonly message: string;
}

/** Handlers that others interrupt. */
const BELOW: Readonly<Record<ExecutionContext, readonly ExecutionContext[]>> = {
  task: [],
  idle: [],
  softirq: [],
  hardirq: ['softirq'],
  nmi: ['softirq', 'hardirq'],
};

const nameOf = ({ user: { task, key } }: LockUse): string =>
  task?.alive === false ? `${task}, which has ended,` : `${key}`;

/** Whom one in a line waits for, and that in words. */
function ahead(use: LockUse): { readonly owners: readonly LockUse[]; readonly words: string } {
  const { lock, manner } = use;
  if (lock.ownerless) return { owners: [], words: 'which nobody gives back' };
  const { holders } = lock;
  const line = lock.inOrder && manner === 'waits' ? lock.waiters.filter((one) => one.manner === 'waits') : [];
  const before = line[line.indexOf(use) - 1];
  const words = [
    ...(holders.length === 0
      ? []
      : [`which ${holders.map(nameOf).join(' and ')} ${holders.length === 1 ? 'has' : 'have'}`]),
    ...(before === undefined ? [] : [`behind ${nameOf(before)}`]),
  ];
  const owners = before === undefined ? holders : [...holders, before];
  return { owners, words: words.join(', ') || 'which is free' };
}

function waitOf(use: LockUse, symbols: SymbolTable): LockWait {
  const { lock, user, pc } = use;
  const { owners, words } = ahead(use);
  const what = `${lock.name} at ${symbolize(symbols, pc)}, ${words}`;
  return { who: user.key, what, owners: owners.map((owner) => owner.user.key), use };
}

/** Everybody who waits now, whoever does it for several things at once several times. */
export function lockWaits(locks: readonly LockFacts[], machine: Machine, symbols: SymbolTable): readonly LockWait[] {
  const waits: LockWait[] = [];
  const spinning = new Set<Task | string>();
  for (const use of locks.flatMap(({ waiters }) => waiters)) {
    if (use.user.task?.alive === false) continue;
    waits.push(waitOf(use, symbols));
    spinning.add(use.user.key);
    const { interrupted, key, context, cpu } = use.user;
    // Nor does whoever a handler has interrupted go on before that does.
    const below = interrupted === undefined ? [] : [interrupted, ...BELOW[context].map((one) => keyOf(one, cpu))];
    for (const who of below) {
      waits.push({ who, what: `${key}, which has interrupted it`, owners: [key], use: undefined });
    }
  }
  for (const { who, what, owners } of blockedTasks(machine.tasks.values())) {
    if (!spinning.has(who)) waits.push({ who, what, owners, use: undefined });
  }
  return waits;
}

/** Deadlocks among those that wait. */
export function deadlocks(waits: readonly LockWait[]): readonly Deadlock[] {
  // Who waits for several things goes on when all of them have come: one that does not is enough.
  const byWho = new Map<Task | string, LockWait[]>();
  for (const wait of waits) byWho.set(wait.who, [...(byWho.get(wait.who) ?? []), wait]);
  const together = [...byWho].map(([who, all]) => ({ who, owners: all.flatMap(({ owners }) => owners), all }));
  return waitCycles(together).map((cycle) => {
    const members = new Set(cycle.map(({ who }) => who));
    const inside = cycle.flatMap(({ all }) => all.filter(({ owners }) => owners.some((owner) => members.has(owner))));
    return { waits: inside, message: inside.map(({ who, what }) => `${who} waits for ${what}`).join('; ') };
  });
}
