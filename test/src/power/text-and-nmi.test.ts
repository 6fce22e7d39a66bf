import { DRIVERS, KernelError, program } from '@hwbp/core';
import test from 'ava';
import { pair } from '../kvm/support.js';
import { DATA, nop, rigOf, SUBJECTS, type Subject, store, writes } from './support.js';

const [first] = SUBJECTS;
const SUBJECT = first as Subject;

for (const subject of SUBJECTS) {
  test(`text is patched under an alias that a user watches, and the watch does not fire (${subject.title})`, (t) => {
    using rig = rigOf(subject);
    const { kernel, machine, breakpoints } = rig;
    const { pageSize, directMap } = breakpoints.manifest;
    machine.physical.allocate();
    const alias = BigInt(pageSize) * 16n;
    const text = directMap + 64n;
    const task = rig.task([...new Array(4).fill(nop()), store(alias + 64n)], { affinity: [0] });
    const watch = breakpoints.registerUser(writes(alias + 64n), () => {}, task);
    machine.run(2);
    t.is(watch.state, 'active');
    const before = machine.cpu(0).unit.filter.ranges;
    kernel.patchText(text, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), { alias });
    t.deepEqual([...machine.kernelMemory.read(text, 8)], [1, 2, 3, 4, 5, 6, 7, 8]);
    t.is(watch.hits, 0);
    t.deepEqual(machine.cpu(0).unit.filter.ranges, before);
    machine.run();
    t.is(watch.hits, 1, 'its own store does');
    t.deepEqual([...machine.kernelMemory.read(text, 8)], [1, 2, 3, 4, 5, 6, 7, 8], 'and reaches its own page');
  });
}

test('a patch over the end of a page; where there is no text nothing is written; bad arguments', (t) => {
  using rig = rigOf(SUBJECT);
  const { kernel, machine } = rig;
  const { directMap, pageSize } = rig.breakpoints.manifest;
  for (let i = 0; i < 2; i++) machine.physical.allocate();
  const end = directMap + BigInt(pageSize * machine.physical.allocated);
  const border = end - BigInt(pageSize) - 2n;
  kernel.patchText(border, Uint8Array.of(9, 8, 7, 6), { cpu: 1 });
  t.deepEqual([...machine.kernelMemory.read(border, 4)], [9, 8, 7, 6]);
  const last = machine.kernelMemory.read(end - 2n, 2);
  const error = t.throws(() => kernel.patchText(end - 2n, Uint8Array.of(1, 1, 1, 1)), { instanceOf: KernelError });
  t.is(error.errno, 'EFAULT');
  t.deepEqual(machine.kernelMemory.read(end - 2n, 2), last);
  t.throws(() => kernel.patchText(0x1000n, Uint8Array.of(1)), { instanceOf: TypeError, message: /text of the kernel/ });
  t.throws(() => kernel.patchText(border, Uint8Array.of(1), { alias: 8n }), { instanceOf: TypeError });
  t.throws(() => kernel.patchText(border, Uint8Array.of(1), { cpu: 9 }), { code: 'HWBP_NO_SUCH_CPU' });
});

test('without the mute the watch would fire: what the test above shows', (t) => {
  using rig = rigOf(SUBJECT);
  const { kernel, machine, breakpoints } = rig;
  const alias = BigInt(breakpoints.manifest.pageSize) * 16n;
  machine.physical.allocate();
  const watch = breakpoints.registerCpu(writes(alias), () => {}, 0);
  const [driver] = kernel.get(DRIVERS);
  if (driver === undefined) throw new Error('there is a CPU');
  const mute = driver.mute.bind(driver);
  driver.mute = () => {
    driver.mute = mute;
    return () => {};
  };
  kernel.patchText(breakpoints.manifest.directMap, Uint8Array.of(1), { alias });
  t.is(watch.hits, 1);
});

/** NMIs of an x86 kernel whose handler touches what is watched. */
function withNmi(options: Parameters<typeof rigOf>[1] = {}) {
  const rig = rigOf(SUBJECT, options);
  const { machine, breakpoints } = rig;
  const seen: unknown[] = [];
  machine.hooks.nmi.add((cpu) => {
    seen.push(['nmi', cpu.index, breakpoints.isMuted(cpu.index), cpu.unit.filter.ranges.length]);
    machine.aside(cpu, () => cpu.execute(store()));
  });
  return { rig, seen };
}

test('an NMI saves DR7 and is off, on idle CPUs too; what its handlers touch does not fire; then it is restored', (t) => {
  const { rig, seen } = withNmi();
  using _ = rig;
  const { machine, breakpoints } = rig;
  const watch = breakpoints.registerWide(writes(), () => {});
  const lines: unknown[] = [];
  machine.hooks.interrupt.add((cpu, line) => seen.push(['line', cpu.index, line]));
  const armed = machine.cpus.map(({ unit }) => unit.filter.ranges);
  machine.cpu(1).interrupts.raise(0);
  machine.cpu(1).interrupts.raiseNonMaskable();
  machine.run();
  t.deepEqual(seen, [
    ['nmi', 1, true, 0],
    ['line', 1, 0],
  ]);
  t.is(watch.hits, 0);
  t.deepEqual(
    machine.cpus.map(({ unit }) => unit.filter.ranges),
    armed,
  );
  t.false(breakpoints.isMuted(1));
  rig.task([store()], { affinity: [1] });
  machine.run();
  t.is(watch.hits, 1);
  t.deepEqual(lines, []);
});

test('an NMI inside an exception and inside a debugger leaves their mutes alone', (t) => {
  const { rig, seen } = withNmi();
  using _ = rig;
  const { machine, breakpoints } = rig;
  const watch = breakpoints.registerCpu(writes(), (hit) => hit.suspend('look'), 0);
  const inKernel = program([store(DATA, 0xffff_ffff_8100_0000n), nop(0xffff_ffff_8100_0004n)]);
  machine.spawn(inKernel, { mode: 'kernel', affinity: [0] });
  t.is(machine.run().reason, 'suspended');
  t.true(breakpoints.isMuted(0));
  breakpoints.debugger.enter('test');
  machine.cpu(0).interrupts.raiseNonMaskable();
  machine.run(10);
  t.is(seen.length, 1);
  t.true(breakpoints.isMuted(0), 'the debugger is still inside');
  t.deepEqual(machine.cpu(0).unit.filter.ranges, []);
  breakpoints.debugger.leave();
  machine.run();
  t.false(breakpoints.isMuted(0));
  t.is(watch.hits, 1);
  t.is(machine.cpu(0).unit.filter.ranges.length, 1);
});

test('an NMI handler that throws leaves nothing muted; work it leaves is done behind it, with the registers armed', (t) => {
  using rig = rigOf(SUBJECT);
  const { machine, breakpoints } = rig;
  breakpoints.registerWide(writes(), () => {});
  const seen: boolean[] = [];
  machine.hooks.nmi.add((cpu) => {
    machine.irqWork(cpu, { perform: () => seen.push(breakpoints.isMuted(cpu.index)) });
    throw new Error('hardware error');
  });
  machine.cpu(0).interrupts.raiseNonMaskable();
  const reported: unknown[] = [];
  machine.hooks.error.add(({ error, what }) => reported.push([what, String(error)]));
  machine.run();
  t.deepEqual(reported, [["a hook of 'nmi'", 'Error: hardware error']]);
  t.false(breakpoints.isMuted(0));
  t.is(machine.cpu(0).unit.filter.ranges.length, 1);
  t.deepEqual(seen, [false]);
});

test('an NMI of the host takes its CPU from a guest, whose registers come back with it', (t) => {
  using both = pair();
  const { host, guest } = both;
  const watch = guest.breakpoints.registerCpu(writes(), () => {}, 0);
  guest.machine.spawn(program(new Array(20).fill(store())));
  guest.machine.run(5);
  const seen: unknown[] = [];
  host.machine.hooks.nmi.add((cpu) => seen.push([cpu.visitor, cpu.unit.filter.ranges.length]));
  host.machine.cpu(0).interrupts.raiseNonMaskable();
  guest.machine.run();
  t.deepEqual(seen, [[undefined, 0]]);
  t.is(watch.hits, 20);
});

test('elsewhere an NMI mutes nothing by itself', (t) => {
  for (const subject of SUBJECTS.filter(({ title }) => !title.startsWith('x86'))) {
    using rig = rigOf(subject);
    const { machine, breakpoints } = rig;
    breakpoints.registerWide(writes(), () => {});
    const seen: boolean[] = [];
    machine.hooks.nmi.add((cpu) => seen.push(breakpoints.isMuted(cpu.index)));
    machine.cpu(1).interrupts.raiseNonMaskable();
    machine.run();
    t.deepEqual(seen, [false], subject.title);
  }
});
