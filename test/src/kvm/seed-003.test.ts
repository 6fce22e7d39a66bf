import { HW_BREAKPOINT_W, perfEvents, program } from '@hwbp/core';
import test from 'ava';
import { CountingUnit } from './counting-unit.js';
import { DATA, nop, nops, pair, store, stores, TEXT, writes } from './support.js';

/*
 * What the mail of September 2009 about breakpoints and KVM asked for, one test for each row of the table of the
 * sources (003-1 to 003-7; spec 9.4, 9.9, 7.9).
 */

const OUT = {
  pc: TEXT,
  length: 2,
  accesses: [{ kind: 'write', address: 0x70n, size: 1, value: 0n, space: 'port' }],
} as const;

/** Notes every read of a register too. */
class NotingUnit extends CountingUnit {
  reads = 0;

  override address(register: number): bigint {
    this.reads++;
    return super.address(register);
  }

  override get control(): number {
    this.reads++;
    return super.control;
  }
}

test("003-1: entering a guest saves no register of the host's: they come back from the software copy", (t) => {
  const unit = new NotingUnit({});
  using p = pair({ host: { createUnit: () => unit } });
  const watch = p.host.breakpoints.registerCpu(writes(), () => {}, 0);
  p.guest.machine.spawn(program([nop(), OUT, OUT]));
  const reads: number[] = [];
  p.host.machine.hooks.guestEntry.add(() => void reads.push(unit.reads));
  p.host.machine.hooks.guestExit.add(() => void reads.push(unit.reads));
  p.host.machine.run();
  // The first time the guest has registers of its own to be read back: its kernel has booted.
  const later = reads.slice(2);
  t.true(later.length > 4);
  t.is(new Set(later).size, 1);
  t.is(watch.state, 'active');
  t.deepEqual(
    unit.filter.ranges.map(({ address }) => address),
    [DATA],
  );
});

test('003-2: DR6 and DR7 are not touched when nobody needs them', (t) => {
  const unit = new CountingUnit({});
  using p = pair({ host: { createUnit: () => unit } });
  p.guest.machine.spawn(program([nop(), OUT, OUT, OUT]));
  p.host.machine.run(8);
  unit.take();
  p.host.machine.run();
  t.is(unit.take(), '');
  t.true(p.vm.vcpus[0] !== undefined && p.vm.vcpus[0].stats.entries > 3);
});

test("003-3: kernel-wide and per-CPU breakpoints of the host's come back too, not only the thread's", (t) => {
  using p = pair();
  const wide = p.host.breakpoints.registerWide(writes(DATA), () => void hits.push('wide'));
  const hits: string[] = [];
  p.host.breakpoints.registerCpu(writes(DATA + 8n), () => void hits.push('cpu'), 0);
  p.guest.machine.spawn(stores(20));
  p.host.machine.run();
  t.deepEqual(hits, []);
  p.host.machine.spawn(program([store(DATA), store(DATA + 8n)]));
  p.host.machine.run();
  t.deepEqual(hits, ['wide', 'cpu']);
  p.host.breakpoints.unregisterWide(wide);
});

test('003-4: the layer knows when a debugger claims registers, and steps back', (t) => {
  using p = pair();
  const claims: string[] = [];
  p.host.breakpoints.debugger.listen(({ owner, cpu, claimed }) => void claims.push(`${owner} ${cpu} ${claimed}`));
  const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: DATA, bp_len: 8 };
  const reservation = p.host.breakpoints.debugger.reserve(attr, () => {}, 0, 'gdb');
  t.truthy(reservation);
  t.true(reservation?.release());
  t.deepEqual(claims, ['gdb 0 true', 'gdb 0 false']);
});

test('003-5: a debugger claims without waiting for a lock, on every CPU, while guests are on them', (t) => {
  using p = pair({ host: { cpus: 2 }, vm: { cpus: 2 } });
  for (const cpu of [0, 1]) p.guest.machine.spawn(nops(1000), { affinity: [cpu] });
  p.host.machine.run(300);
  t.deepEqual(
    p.vm.vcpus.map(({ entered }) => entered),
    [true, true],
  );
  const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: DATA, bp_len: 8 };
  for (const cpu of [0, 1]) {
    const reservation = p.host.breakpoints.debugger.reserve(attr, () => {}, cpu, 'gdb');
    reservation?.install();
    const [range] = p.host.machine.cpu(cpu).unit.filter.ranges;
    t.is(range?.address, DATA, `CPU ${cpu}: armed at once`);
  }
});

test('003-6: KVM hears of a claim: the guest leaves, its registers are kept, and are right when it goes on', (t) => {
  using p = pair();
  let hits = 0;
  let claimed = 0;
  const task = p.guest.machine.spawn(
    program(function* () {
      for (let i = 0; i < 400; i++) yield store(DATA + 64n, BigInt(i));
    }),
  );
  p.guest.breakpoints.registerUser(writes(DATA + 64n), () => void hits++, task);
  p.host.machine.run(200);
  const [vcpu] = p.vm.vcpus;
  while (vcpu?.entered !== true) p.host.machine.run(1);
  const before = hits;
  const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: DATA, bp_len: 8 };
  const reservation = p.host.breakpoints.debugger.reserve(attr, () => void claimed++, 0, 'gdb');
  t.false(vcpu?.entered);
  reservation?.install();
  t.deepEqual(
    p.host.machine.cpu(0).unit.filter.ranges.map(({ address }) => address),
    [DATA],
  );
  p.host.machine.run();
  t.is(hits, 400);
  t.true(before > 0 && before < 400);
  t.is(claimed, 0);
  // The debugger's is still there, and what the guest had is not.
  p.host.machine.spawn(program([store(DATA), store(DATA + 64n)]));
  p.host.machine.run();
  t.is(claimed, 1);
  t.is(hits, 400);
});

test("003-7: whoever schedules registers takes the host's events out on guest entry, and puts them back on exit", (t) => {
  const times = (excludeGuests: boolean): readonly number[] => {
    using p = pair({ host: { breakpointScheduler: perfEvents({ excludeGuests }) } });
    const states: string[] = [];
    const watch = p.host.breakpoints.registerCpu(writes(), () => {}, 0);
    p.host.machine.hooks.guestExit.add(() => void states.push(watch.state));
    p.guest.machine.spawn(nops(50));
    let during: string | undefined;
    p.guest.machine.spawn(
      program(function* () {
        yield nop();
        during = watch.state;
        yield nop();
      }),
    );
    p.host.machine.run();
    t.is(during, excludeGuests ? 'inactive' : 'active');
    t.is(watch.state, 'active');
    return [states.length];
  };
  t.true(Number(times(true)[0]) > 0);
  t.true(Number(times(false)[0]) > 0);
});
