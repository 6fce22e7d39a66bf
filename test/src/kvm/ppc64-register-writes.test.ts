import type { Ppc64Cpu } from '@hwbp/arch-ppc64';
import { type Instruction, program } from '@hwbp/core';
import test from 'ava';
import { at, CPUS, countingUnit, GUEST_DATA, HOST_DATA, nop, ppc64Pair, store, writes } from './ppc64-support.js';

/*
 * What an entry and the exit behind it write to the physical debug registers. The guest leaves for a hypercall each
 * time that has nothing to do with them.
 */

const OUT: Instruction = { pc: at(1), length: 4, hypercall: { number: 0, args: [] } };

interface Armed {
  readonly host?: boolean;
  readonly guest?: boolean;
}

/** The writes of each entry and exit, once everything has settled. */
function writesOf(name: string, { host, guest }: Armed): readonly string[] {
  const features = CPUS[name] ?? {};
  const unit = countingUnit(features.cpu as Ppc64Cpu, features.dabrx);
  using p = ppc64Pair({ features, host: { createUnit: () => unit } });
  if (host) p.host.breakpoints.registerCpu(writes(HOST_DATA), () => {}, 0);
  const task = p.guest.machine.spawn(program([nop(at(0)), OUT, OUT, OUT, OUT, OUT, OUT]), { mode: 'kernel' });
  if (guest) p.guest.breakpoints.registerUser(writes(GUEST_DATA), () => {}, task);
  const seen: string[] = [];
  const { guestEntry, guestExit } = p.host.machine.hooks;
  guestEntry.add(() => void unit.take());
  guestExit.add(() => void seen.push(unit.take()));
  p.host.machine.run();
  if (seen.length < 7) throw new Error(`only ${seen.length} entries`);
  return [...new Set(seen.slice(3, 6))];
}

for (const [name, { cpu }] of Object.entries(CPUS)) {
  const [first, ...others] = countingUnit(cpu as Ppc64Cpu).layouts.map((layout) => layout.name);
  const silenced = [first, ...others].map((one) => `${one} off`).join(', ');
  const restored = [first, ...others.map((one) => `${one} off`)].join(', ');
  const guests = `${first}, ${first} off`;

  test(`${name}: neither has anything armed: no register is written`, (t) => {
    t.deepEqual(writesOf(name, {}), ['']);
  });

  test(`${name}: only the host has: it is silenced, and comes back from software's copy`, (t) => {
    t.deepEqual(writesOf(name, { host: true }), [`${silenced}, ${restored}`]);
  });

  test(`${name}: only the guest has: what is armed is loaded, and off behind the exit`, (t) => {
    t.deepEqual(writesOf(name, { guest: true }), [guests]);
  });

  test(`${name}: both have`, (t) => {
    t.deepEqual(writesOf(name, { host: true, guest: true }), [`${silenced}, ${guests}, ${restored}`]);
  });
}

test('a hit adds DAR and DSISR of the host, which come back at the exit', (t) => {
  const unit = countingUnit('power8');
  using p = ppc64Pair({ features: { cpu: 'power8' }, host: { createUnit: () => unit } });
  const task = p.guest.machine.spawn(program([nop(at(0)), store(at(1), GUEST_DATA)]));
  p.guest.breakpoints.registerUser(writes(GUEST_DATA), () => {}, task);
  const seen: string[] = [];
  p.host.machine.hooks.guestEntry.add(() => void unit.take());
  p.host.machine.hooks.guestExit.add(() => void seen.push(unit.take()));
  p.host.machine.run();
  t.true(seen.includes('DAWR, DAWR off, dar, dsisr'), seen.join(' | '));
});
