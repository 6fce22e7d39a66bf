import { X86DebugUnit } from '@hwbp/arch-x86';
import {
  type Alarm,
  Alarms,
  Bus,
  type BusDevice,
  type Cpu,
  InterruptLines,
  type Kernel,
  PhysicalMemory,
  program,
  VirtualClock,
} from '@hwbp/core';
import test from 'ava';
import { DATA, Hits, Journal, kernelOf, store, TEXT, taskOf, watch } from './support.js';

// --- alarms ---

/** Alarms by name, and which of them were told, in order. */
class Told {
  readonly alarms: Alarms;
  readonly names: string[] = [];

  constructor(alarms = new Alarms()) {
    this.alarms = alarms;
  }

  alarm(name: string, then: (alarm: Alarm) => void = () => {}): Alarm {
    return this.alarms.create({
      expired: (alarm) => {
        this.names.push(name);
        then(alarm);
      },
    });
  }

  expire(now: number): string[] {
    this.alarms.expire(now);
    return this.names.splice(0);
  }
}

test('alarms are told in the order of their time, those of one moment in the order of setting, each once', (t) => {
  const told = new Told();
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => told.alarm(name)) as [Alarm, Alarm, Alarm, Alarm];
  t.is(told.alarms.next, Number.POSITIVE_INFINITY);
  told.alarms.set(a, 30);
  told.alarms.set(b, 10);
  told.alarms.set(c, 30);
  told.alarms.set(d, 20);
  t.is(told.alarms.next, 10);
  t.deepEqual(told.expire(9), []);
  t.deepEqual(told.expire(29), ['b', 'd']);
  t.is(b.at, Number.POSITIVE_INFINITY);
  t.is(told.alarms.next, 30);
  // Set anew: it counts from then.
  told.alarms.set(a, 30);
  t.deepEqual(told.expire(100), ['c', 'a']);
  t.deepEqual(told.expire(100), []);
});

test('an alarm that is cancelled is not told, not even by another one that expires with it', (t) => {
  const told = new Told();
  const late = told.alarm('late');
  const early = told.alarm('early', () => told.alarms.cancel(late));
  told.alarms.set(early, 10);
  told.alarms.set(late, 10);
  t.deepEqual(told.expire(10), ['early']);
  told.alarms.set(late, 20);
  told.alarms.cancel(late);
  told.alarms.cancel(late);
  told.alarms.set(late, Number.POSITIVE_INFINITY);
  t.is(told.alarms.next, Number.POSITIVE_INFINITY);
  t.deepEqual(told.expire(1000), []);
});

test('an alarm may be set again when it has expired; for a time that has passed it is told at the next opportunity', (t) => {
  const told = new Told();
  const periodic = told.alarm('periodic', (alarm) => told.alarms.set(alarm, 20));
  const behind = told.alarm('behind', (alarm) => told.alarms.set(alarm, 5));
  told.alarms.set(periodic, 10);
  told.alarms.set(behind, 10);
  t.deepEqual(told.expire(10), ['periodic', 'behind']);
  t.is(told.alarms.next, 5);
  t.deepEqual(told.expire(10), ['behind']);
  t.deepEqual(told.expire(20), ['behind', 'periodic']);
});

test('an alarm is not set to no time at all, and keeps the time that it had', (t) => {
  const told = new Told();
  const alarm = told.alarm('a');
  told.alarms.set(alarm, 10);
  t.throws(() => told.alarms.set(alarm, Number.NaN), { instanceOf: TypeError, message: /NaN/ });
  t.is(alarm.at, 10);
});

for (const slice of [Number.POSITIVE_INFINITY, 1, 3]) {
  test(`an alarm of a CPU expires at its exact time, in the middle of a turn (slices of ${slice})`, (t) => {
    using kernel = kernelOf({ quantum: 50 });
    const { machine } = kernel;
    const cpu = machine.cpu(0);
    const at: unknown[] = [];
    const told = new Told(cpu.alarms);
    const alarm = told.alarm('a', () => {
      at.push([cpu.instructions, cpu.clock.now]);
      if (at.length < 4) cpu.alarms.set(alarm, cpu.clock.now + 2500);
    });
    cpu.alarms.set(alarm, 7000);
    machine.spawn(new Journal().spin('a', 30));
    while (machine.run(slice).reason !== 'idle');
    t.deepEqual(at, [
      [7, 7000],
      [10, 10_000],
      [13, 13_000],
      [16, 16_000],
    ]);
  });
}

test('an alarm that sets itself again at once lets the machine run on', (t) => {
  using kernel = kernelOf();
  const cpu = kernel.machine.cpu(0);
  const told = new Told(cpu.alarms);
  const alarm = told.alarm('a', () => cpu.alarms.set(alarm, 0));
  cpu.alarms.set(alarm, 0);
  kernel.machine.spawn(new Journal().spin('a', 5));
  t.deepEqual(kernel.machine.run(), { reason: 'idle', instructions: 5 });
});

// --- interrupt lines ---

test('interrupt lines are taken in the order of their numbers, each once however often it was raised', (t) => {
  const linesOfCpu = new InterruptLines();
  t.false(linesOfCpu.pending);
  t.is(linesOfCpu.take(), -1);
  for (const line of [63, 31, 0, 32, 31, 5]) linesOfCpu.raise(line);
  linesOfCpu.lower(5);
  linesOfCpu.lower(6);
  const taken: number[] = [];
  while (linesOfCpu.pending) taken.push(linesOfCpu.take());
  t.deepEqual(taken, [0, 31, 32, 63]);
});

test('there are 64 lines, with whole numbers', (t) => {
  const linesOfCpu = new InterruptLines();
  for (const line of [-1, 64, 1.5, Number.NaN]) {
    t.throws(() => linesOfCpu.raise(line), { instanceOf: TypeError, message: /0 to 63/ });
    t.throws(() => linesOfCpu.lower(line), { instanceOf: TypeError, message: /0 to 63/ });
  }
  t.false(linesOfCpu.pending);
});

/** Notes interrupts: CPU, line, and how many instructions the CPU had retired. */
function noteInterrupts({ machine }: Kernel): string[] {
  const seen: string[] = [];
  machine.hooks.interrupt.add((cpu, line) => seen.push(`${line} on CPU ${cpu.index} at ${cpu.instructions}`));
  return seen;
}

test('interrupts reach idle CPUs too, and nobody has to run for it', (t) => {
  using kernel = kernelOf({ cpus: 3, offline: [2] });
  const { machine } = kernel;
  const seen = noteInterrupts(kernel);
  for (const cpu of machine.cpus) cpu.interrupts.raise(7);
  machine.cpu(1).interrupts.raise(3);
  t.is(machine.run().reason, 'idle');
  t.deepEqual(seen, ['7 on CPU 0 at 0', '3 on CPU 1 at 0', '7 on CPU 1 at 0']);
  machine.setOnline(2, true);
  machine.run();
  t.deepEqual(seen.slice(3), ['7 on CPU 2 at 0']);
});

test('an interrupt on an idle CPU may give it work, which is done in the same run', (t) => {
  using kernel = kernelOf({ cpus: 2 });
  const { machine } = kernel;
  const journal = new Journal();
  machine.hooks.interrupt.add(() => machine.spawn(journal.spin('worker', 2), { affinity: [0] }));
  machine.cpu(1).interrupts.raise(0);
  machine.run();
  t.deepEqual(journal.take(), ['worker@0 x2']);
});

test('a handler that stops the machine in an interrupt stops it before another instruction', (t) => {
  using kernel = kernelOf();
  const { machine } = kernel;
  machine.hooks.interrupt.add(() => machine.stop('interrupt'));
  machine.spawn(new Journal().spin('a', 9));
  machine.cpu(0).interrupts.raise(1);
  t.deepEqual(machine.run(), { reason: 'stopped', message: 'interrupt', instructions: 0 });
  t.deepEqual(machine.run(), { reason: 'idle', instructions: 9 });
});

/** A device that raises line 9 of a CPU when it is written to. */
const raising = (cpu: Cpu): BusDevice => ({
  read: () => 0n,
  write: () => cpu.interrupts.raise(9),
});
const OUT = { kind: 'write', address: 0x60n, size: 1, space: 'port', value: 1n } as const;

for (const slice of [Number.POSITIVE_INFINITY, 1, 2]) {
  test(`an interrupt comes behind the instruction in which it was raised, in whatever slices one looks (${slice})`, (t) => {
    using kernel = kernelOf();
    const { machine } = kernel;
    const seen = noteInterrupts(kernel);
    kernel.hardware.bus.attach(0x60, 1, raising(machine.cpu(0)));
    taskOf(kernel, {}, { accesses: [OUT] }, {}, {}, {});
    while (machine.run(slice).reason !== 'idle');
    t.deepEqual(seen, ['9 on CPU 0 at 2']);
  });

  test(`an alarm that an instruction sets comes at its time (slices of ${slice})`, (t) => {
    using kernel = kernelOf();
    const { machine } = kernel;
    const { alarms, clock } = machine.cpu(0);
    const seen: number[] = [];
    const alarm = alarms.create({ expired: () => seen.push(clock.now) });
    // The instruction's own time is still to come.
    kernel.hardware.bus.attach(0x60, 1, { read: () => 0n, write: () => alarms.set(alarm, clock.now + 3000) });
    taskOf(kernel, {}, { accesses: [OUT] }, {}, {}, {}, {}, {});
    while (machine.run(slice).reason !== 'idle');
    t.deepEqual(seen, [4000]);
  });

  test(`no interrupt, signal or switch comes into a debug shadow, and none comes later than behind it (slices of ${slice})`, (t) => {
    using kernel = kernelOf();
    const { machine, breakpoints } = kernel;
    const hits = new Hits();
    const seen = noteInterrupts(kernel);
    kernel.hardware.bus.attach(0x60, 1, raising(machine.cpu(0)));
    const task = taskOf(kernel, { accesses: [store(), OUT], shadow: true }, {}, {}, {});
    task.handlers.set('SIGUSR1', program([{ pc: 0x60_0000n, length: 1, accesses: [store(DATA + 64n)] }]));
    machine.hooks.interrupt.add(() => machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 }));
    breakpoints.registerUser(watch(), hits.note('shadowed'), task);
    breakpoints.registerUser(watch(DATA + 64n), hits.note('signal'), task);
    while (machine.run(slice).reason !== 'idle');
    t.deepEqual(seen, ['9 on CPU 0 at 2']);
    t.deepEqual(hits.seen, ['shadowed pc 400004 ip 400008', 'signal pc 600000 ip 600001']);
  });

  test(`a signal that is sent by an instruction with a debug shadow comes right behind the next (slices of ${slice})`, (t) => {
    using kernel = kernelOf();
    const { machine } = kernel;
    const task = taskOf(kernel, { accesses: [OUT], shadow: true }, {}, {}, {});
    const at: bigint[] = [];
    task.handlers.set('SIGUSR1', () => {
      at.push(task.context.pc - TEXT);
      return program([])();
    });
    const write = (): void => machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 });
    kernel.hardware.bus.attach(0x60, 1, { read: () => 0n, write });
    while (machine.run(slice).reason !== 'idle');
    t.deepEqual(at, [8n]);
  });
}

// --- the bus ---

/** A device that notes what happens to it. */
class Notes implements BusDevice {
  readonly seen: string[] = [];

  read(port: number, size: number): bigint {
    this.seen.push(`read ${port}/${size}`);
    return 0x1_2345_6789n;
  }

  write(port: number, size: number, value: bigint): void {
    this.seen.push(`write ${port}/${size} ${value.toString(16)}`);
  }
}

test('a device is mapped to a range of ports: it sees numbers from its own first one, and values of their size', (t) => {
  const bus = new Bus(new PhysicalMemory(4096));
  const device = new Notes();
  const detach = bus.attach(0x60, 4, device);
  t.is(bus.readPort(0x63, 1), 0x89n);
  t.is(bus.readPort(0x60, 4), 0x2345_6789n);
  bus.writePort(0x62, 2, 0xabcd_ef01n);
  t.deepEqual(device.seen, ['read 3/1', 'read 0/4', 'write 2/2 ef01']);
  t.is(bus.readPort(0x64, 2), 0xffffn, 'where there is no device all bits are 1');
  bus.writePort(0x5f, 1, 1n);
  detach();
  detach();
  t.is(bus.readPort(0x60, 4), 0xffff_ffffn);
  t.is(device.seen.length, 3);
});

test('ports are 0 to 65535, and have one device each', (t) => {
  const bus = new Bus(new PhysicalMemory(4096));
  const device = new Notes();
  for (const [first, count] of [
    [-1, 1],
    [0, 0],
    [0xffff, 2],
    [0.5, 1],
    [0, 1.5],
    [Number.NaN, 1],
  ] as const) {
    t.throws(() => bus.attach(first, count, device), { instanceOf: TypeError, message: /ports are 0 to 65535/ });
  }
  bus.attach(0, 1, device);
  bus.attach(0xffff, 1, device);
  const detach = bus.attach(0x60, 4, device);
  for (const [first, count] of [
    [0x63, 1],
    [0x5f, 2],
    [0x61, 1],
    [0x50, 0x40],
  ] as const) {
    t.throws(() => bus.attach(first, count, device), {
      instanceOf: TypeError,
      message: /ports 96 to 99 have a device/,
    });
  }
  bus.attach(0x64, 1, device);
  bus.attach(0x5f, 1, device);
  detach();
  bus.attach(0x60, 4, new Notes());
  t.is(device.seen.length, 0);
});

test('an instruction loads from a port what its device says, and can be watched there', (t) => {
  using kernel = kernelOf();
  const { machine, hardware } = kernel;
  const device = new Notes();
  hardware.bus.attach(0x60, 1, device);
  const input = { kind: 'read', address: 0x60n, size: 1, space: 'port' } as const;
  const loaded: unknown[] = [];
  machine.spawn(
    program(function* () {
      loaded.push(yield { pc: TEXT, length: 1, accesses: [input, { ...input, address: 0x70n, size: 4 }] });
      loaded.push(yield { pc: TEXT, length: 1, accesses: [OUT] });
    }),
    { mode: 'kernel' },
  );
  machine.run();
  t.deepEqual(loaded, [[0x89n, 0xffff_ffffn], []]);
  t.deepEqual(device.seen, ['read 0/1', 'write 0/1 1']);
  t.true(machine.cpu(0).unit instanceof X86DebugUnit);
});

// --- time ---

test('a virtual clock says after how many instructions a time has come', (t) => {
  const clock = new VirtualClock(1000);
  t.deepEqual(
    [1, 1000, 1001, 2000].map((time) => clock.until(time)),
    [1, 1, 2, 2],
  );
  clock.advance(3);
  t.is(clock.now, 3000);
  t.is(clock.until(10_000), 7);
  t.is(clock.until(10_001), 8);
  t.is(clock.until(3000), 1, 'one that has come takes an instruction all the same');
  t.is(clock.until(0), 1);
  t.is(clock.until(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
});
