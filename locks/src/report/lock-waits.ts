import { blockedTasks, type Machine, type SymbolTable, symbolize, type Task, type Wait, waitCycles } from '@hwbp/core';
import type { LockFacts, LockUse } from '../lock-use.js';

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

/** What is known of a lock's holders, for people. */
function held({ lock }: LockUse): string {
  const { holders, ownerless } = lock;
  if (ownerless) return 'which nobody gives back';
  if (holders.length === 0) return 'which nobody has: who was next in line has ended';
  const names = holders.map(({ user }) => (user.task?.alive === false ? `${user.task}, which has ended,` : user.key));
  return `which ${names.join(' and ')} ${names.length === 1 ? 'has' : 'have'}`;
}

function waitOf(use: LockUse, symbols: SymbolTable): LockWait {
  const { lock, user, pc } = use;
  const owners = lock.ownerless ? [] : lock.holders.map((holder) => holder.user.key);
  return { who: user.key, what: `${lock.name} at ${symbolize(symbols, pc)}, ${held(use)}`, owners, use };
}

/** Everybody who waits now, whoever does it for several things at once several times. */
export function lockWaits(
  locks: readonly LockFacts[],
  machine: Machine,
  symbols: SymbolTable,
): readonly LockWait[] {
  const waits: LockWait[] = [];
  const spinning = new Set<Task | string>();
  for (const use of locks.flatMap(({ waiters }) => waiters)) {
    waits.push(waitOf(use, symbols));
    spinning.add(use.user.key);
    const { interrupted, key } = use.user;
    // Nor does whoever a handler has interrupted go on before that does.
    if (interrupted !== undefined) {
      waits.push({ who: interrupted, what: `${key}, which has interrupted it`, owners: [key], use: undefined });
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
