import { type Hit, type KernelOptions, perfEvents, program } from '@hwbp/core';
import test from 'ava';
import {
  at,
  CPUS,
  counted,
  GUEST_DATA,
  HOST_DATA,
  load,
  nop,
  type PairOptions,
  type Ppc64Pair,
  ppc64Pair,
  store,
  stores,
  writes,
} from './ppc64-support.js';

/** Watches of the host's on every CPU, where the guest stores and where the host does. */
function hostWatches({ host }: Ppc64Pair): { guests: number; own: number } {
  const seen = { guests: 0, own: 0 };
  const several = host.breakpoints.manifest.slots.data > 1;
  for (const { index } of host.machine.cpus) {
    host.breakpoints.registerCpu(writes(several ? GUEST_DATA : HOST_DATA), ({ task }) => count(task?.comm), index);
    if (several) host.breakpoints.registerCpu(writes(HOST_DATA), () => seen.own++, index);
  }
  return seen;

  function count(comm: string | undefined): void {
    if (comm?.startsWith('vm0') === true) seen.guests++;
    else seen.own++;
  }
}

const SCHEDULERS: Readonly<Record<string, Partial<KernelOptions>>> = {
  direct: {},
  'perf events': { breakpointScheduler: perfEvents() },
};

for (const [name, features] of Object.entries(CPUS)) {
  for (const [scheduler, options] of Object.entries(SCHEDULERS)) {
    const compose = (more: PairOptions = {}): Ppc64Pair =>
      ppc64Pair({ features, ...more, host: { ...options, ...more.host }, guest: { ...options, ...more.guest } });

    test(`${name}, ${scheduler}: each side hears of its own accesses only, at the same addresses too`, (t) => {
      using p = compose();
      const host = hostWatches(p);
      p.host.machine.spawn(stores(7, HOST_DATA));
      const task = p.guest.machine.spawn(
        program([
          ...[0, 1, 2].map((i) => store(at(i), GUEST_DATA, BigInt(i))),
          store(at(3), HOST_DATA),
          load(at(4), GUEST_DATA),
          store(at(5), GUEST_DATA - 4n, 1n, 4),
          store(at(6), GUEST_DATA + 7n, 1n, 1),
        ]),
      );
      const own = counted(p.guest, task, GUEST_DATA);
      p.host.machine.run();
      t.deepEqual(own.pcs, [at(0), at(1), at(2), at(6)]);
      t.deepEqual(task.exit, { code: 0 });
      t.deepEqual(host, { guests: 0, own: 7 });
      t.is(p.host.machine.cpu(0).unit.filter.ranges.length, Math.min(2, p.host.breakpoints.manifest.slots.data));
      t.deepEqual(p.log.entries, []);
    });

    test(`${name}, ${scheduler}: the silicon stops before the access; the handler is told behind it`, (t) => {
      using p = compose();
      hostWatches(p);
      const task = p.guest.machine.spawn(stores(4, GUEST_DATA));
      const seen: unknown[] = [];
      const tell = ({ pc, ip }: Hit): void => void seen.push([pc, ip, task.memory.readInteger(GUEST_DATA, 8)]);
      p.guest.breakpoints.registerUser(writes(GUEST_DATA), tell, task);
      p.host.machine.run();
      t.deepEqual(
        seen,
        [0n, 1n, 2n, 3n].map((i) => [at(Number(i)), at(Number(i) + 1), i]),
      );
    });

    test(`${name}, ${scheduler}: whoever wants to be told as the silicon reports is told before the access`, (t) => {
      using p = compose();
      const task = p.guest.machine.spawn(stores(3, GUEST_DATA));
      const seen: unknown[] = [];
      const tell = ({ pc }: Hit): void => void seen.push([pc, task.memory.readInteger(GUEST_DATA, 8)]);
      p.guest.breakpoints.registerUser(writes(GUEST_DATA), tell, task, { delivery: 'silicon' });
      p.host.machine.run();
      t.deepEqual(seen, [
        [at(0), 0n],
        [at(1), 0n],
        [at(2), 1n],
      ]);
      t.is(task.memory.readInteger(GUEST_DATA, 8), 2n);
    });

    test(`${name}, ${scheduler}: a virtual CPU is preempted in the middle of each completion`, (t) => {
      using p = compose();
      const host = hostWatches(p);
      const { machine } = p.host;
      machine.spawn(stores(100, HOST_DATA));
      const task = p.guest.machine.spawn(stores(10, GUEST_DATA));
      const own = counted(p.guest, task, GUEST_DATA);
      const [vcpu] = p.vm.tasks;
      let preempted = 0;
      while (task.alive) {
        if (task.context.completion !== undefined && machine.current(machine.cpu(0)) === vcpu) {
          machine.schedule(0);
          preempted++;
        }
        if (machine.run(1).reason !== 'budget') break;
      }
      t.true(preempted >= 10, `${preempted}`);
      t.is(own.hits, 10);
      machine.run();
      t.deepEqual(host, { guests: 0, own: 100 });
    });

    test(`${name}, ${scheduler}: a virtual CPU moves from one physical CPU to the other, in completions too`, (t) => {
      using p = compose({ host: { cpus: 2 } });
      const host = hostWatches(p);
      const { machine } = p.host;
      const task = p.guest.machine.spawn(stores(20, GUEST_DATA));
      const own = counted(p.guest, task, GUEST_DATA);
      const [vcpu] = p.vm.tasks;
      if (vcpu === undefined) throw new Error('no task');
      const seen = new Set<number>();
      for (let turn = 0; task.alive && turn < 5000; turn++) {
        machine.run(1);
        if (p.vcpu.physical !== undefined) seen.add(p.vcpu.physical.index);
        machine.setAffinity(vcpu, [Math.floor(turn / 7) & 1]);
      }
      t.is(seen.size, 2);
      t.is(own.hits, 20);
      t.deepEqual(task.exit, { code: 0 });
      t.deepEqual(host, { guests: 0, own: 0 });
      machine.setAffinity(vcpu, undefined);
      machine.run();
      const slots = Math.min(2, p.host.breakpoints.manifest.slots.data);
      for (const { unit } of machine.cpus) t.is(unit.filter.ranges.length, slots);
    });
  }
}

test('a watch of the guest alone, or of nobody: nothing of it is left in the physical unit', (t) => {
  using p = ppc64Pair({ features: { cpu: 'power10' } });
  const task = p.guest.machine.spawn(program([store(at(0), GUEST_DATA), nop(at(1)), store(at(2), GUEST_DATA)]));
  const { unit } = p.host.machine.cpu(0);
  const inside: number[] = [];
  const tell = (): void => void inside.push(unit.filter.ranges.length);
  p.guest.breakpoints.registerUser(writes(GUEST_DATA), tell, task);
  p.host.machine.hooks.guestExit.add(() => t.deepEqual(unit.filter.ranges, []));
  p.host.machine.run();
  t.deepEqual(inside, [1, 1]);
});

test('DAR and DSISR of the host are its own: what a guest did does not show', (t) => {
  using p = ppc64Pair({ features: { cpu: 'power8' } });
  const { unit } = p.host.machine.cpu(0);
  const read = (register: string) => unit.move({ register }, { mode: 'kernel', singleStep: false, resume: false });
  unit.move({ register: 'dar', value: 0x1234n }, { mode: 'kernel', singleStep: false, resume: false });
  const task = p.guest.machine.spawn(stores(2, GUEST_DATA));
  const own = counted(p.guest, task, GUEST_DATA);
  p.host.machine.run();
  t.is(own.hits, 2);
  t.is(read('dar'), 0x1234n);
  t.is(read('dsisr'), 0n);
  t.is(p.debug.registers.dar, GUEST_DATA);
});
