import { program } from '@hwbp/core';
import test from 'ava';
import { CountingUnit } from './counting-unit.js';
import { DATA, nop, pair, store, writes } from './support.js';

/*
 * What an entry and the exit behind it write to the physical debug registers (003-1, 003-2; spec 9.4). The guest leaves
 * for a port each time, and is entered again.
 */

/** Exits, and nothing else: the guest writes to a port that no device has. */
const OUT = {
  pc: 0x40_0000n,
  length: 2,
  accesses: [{ kind: 'write', address: 0x70n, size: 1, value: 0n, space: 'port' }],
} as const;

interface Armed {
  readonly host?: boolean;
  readonly guest?: boolean;
}

/** The writes of each entry and exit, once everything has settled. */
function writesOf({ host, guest }: Armed): readonly string[] {
  const unit = new CountingUnit({});
  using p = pair({ host: { createUnit: () => unit } });
  if (host) p.host.breakpoints.registerCpu(writes(), () => {}, 0);
  const task = p.guest.machine.spawn(program([nop(), OUT, OUT, OUT, OUT]));
  if (guest) p.guest.breakpoints.registerUser(writes(), () => {}, task);
  const seen: string[] = [];
  const { guestEntry, guestExit } = p.host.machine.hooks;
  guestEntry.add(() => void unit.take());
  guestExit.add(() => void seen.push(unit.take()));
  p.host.machine.run();
  t0(seen);
  return seen.slice(3, 7);
}

/** The guest was entered often enough for what follows to mean something. */
function t0(seen: readonly string[]): void {
  if (seen.length < 8) throw new Error(`only ${seen.length} entries`);
}

test('neither has anything armed: no register is written', (t) => {
  t.deepEqual(writesOf({}), ['', '', '', '']);
});

test("only the host has: its control register is off before the entry, and its registers come back from software's copy", (t) => {
  t.deepEqual(writesOf({ host: true }), Array(4).fill('dr7 dr0 dr7'));
});

test('only the guest has: its registers are loaded, and the control register is off behind the exit', (t) => {
  t.deepEqual(writesOf({ guest: true }), Array(4).fill('dr0 dr1 dr2 dr3 dr7 dr7'));
});

test('both have', (t) => {
  t.deepEqual(writesOf({ host: true, guest: true }), Array(4).fill('dr7 dr0 dr1 dr2 dr3 dr7 dr7 dr0 dr7'));
});

test('what a guest has left in the address registers does not matter, and is not cleaned up, while the host has nothing armed', (t) => {
  const unit = new CountingUnit({});
  using p = pair({ host: { createUnit: () => unit } });
  const task = p.guest.machine.spawn(program([store(DATA), OUT]));
  p.guest.breakpoints.registerUser(writes(), () => {}, task);
  p.host.machine.run();
  t.is(unit.address(0), DATA);
  t.is(unit.control, 0x400);
  t.is(unit.filter.ranges.length, 0);
});
