import { type Instruction, program } from '@hwbp/core';
import test from 'ava';
import { kernelOf } from './support.js';

const at = (pc: bigint, more: Partial<Instruction> = {}): Instruction => ({ pc, length: 1, ...more });
const spin = program(function* () {
  for (let i = 0n; ; i++) yield at(0x1000n + (i & 0xfffn));
});

test('a timer happens once its time has passed, between two instructions; a periodic one again and again', (t) => {
  const { machine } = kernelOf();
  const [cpu] = machine.cpus;
  const log: string[] = [];
  machine.spawn(spin);
  machine.after(2500, (on) => log.push(`once ${on.clock.now} ${machine.interrupts.contextOf(on)}`));
  const every = machine.timers.every(2000, (on) => log.push(`every ${on.clock.now}`), { name: 'beat' });
  t.deepEqual([every.name, every.due, every.period], ['beat', 2000, 2000]);
  machine.run(5);
  t.deepEqual(log, ['every 2000', 'once 3000 hardirq', 'every 4000']);
  every.cancel();
  t.is(every.due, Number.POSITIVE_INFINITY);
  machine.run(5);
  t.is(log.length, 3);
  t.is(cpu?.alarms.size, 1, 'the tick');
});

test('a machine on which everybody sleeps goes straight to the next alarm, and on', (t) => {
  const { machine } = kernelOf({ cpus: 2 });
  const log: unknown[] = [];
  const sleeper = (name: string, ns: number) =>
    program(function* () {
      for (let i = 0; i < 2; i++) {
        const [why] = yield at(0x1000n, { wait: machine.timers.sleep(ns) });
        log.push([name, why]);
      }
    });
  machine.spawn(sleeper('a', 1_000_000_000), { affinity: [0] });
  machine.spawn(sleeper('b', 700_000_000), { affinity: [1] });
  const result = machine.run();
  t.is(result.reason, 'idle');
  t.is(result.instructions, 4);
  t.deepEqual(log, [
    ['b', 0n],
    ['a', 0n],
    ['b', 0n],
    ['a', 0n],
  ]);
  t.true((machine.cpu(0).clock.now ?? 0) >= 2_000_000_000);
  t.true((machine.cpu(0).clock.now ?? 0) < 2_000_100_000);
});

test('a sleeper on an idle CPU wakes while another CPU is busy: as much time passes there', (t) => {
  const { machine } = kernelOf({ cpus: 2, quantum: 10 });
  let woke = -1;
  machine.spawn(spin, { affinity: [0] });
  machine.spawn(
    program(function* () {
      yield at(0x1000n, { wait: machine.timers.sleep(500_000) });
      woke = machine.cpu(0).clock.now;
    }),
    { affinity: [1] },
  );
  machine.run(2000);
  t.true(woke >= 490_000 && woke <= 520_000, `${woke}`);
});

test('what sleeps costs nothing: ten thousand sleepers, and an instruction takes what it took', (t) => {
  const { machine } = kernelOf();
  const sleeper = program(function* () {
    yield at(0x1000n, { wait: machine.timers.sleep(1e9) });
  });
  for (let i = 0; i < 10_000; i++) machine.spawn(sleeper);
  machine.run(10_000);
  machine.spawn(spin);
  const seen: number[] = [];
  machine.hooks.contextSwitch.add((cpu) => seen.push(cpu.index));
  machine.run(10_000);
  t.deepEqual(seen, [0]);
  t.is([...machine.tasks.values()].filter(({ state }) => state === 'waiting').length, 10_000);
  machine.run(2_000_000);
  t.is(machine.tasks.size, 1);
});

test('a signal ends a sleep, and nothing is left of it; neither is of a task that ends in it', (t) => {
  const { machine } = kernelOf();
  const seen: unknown[] = [];
  const sleeper = program(function* () {
    yield at(0x1000n, {
      syscall: program(function* () {
        seen.push(...(yield at(0xffff_ffff_8100_0000n, { wait: machine.timers.sleep(1e9) })));
      }),
    });
  });
  const [a, b] = [machine.spawn(sleeper), machine.spawn(sleeper)];
  machine.spawn(spin);
  a.handlers.set('SIGUSR1', { sa_handler: () => program([at(0x2000n)])() });
  machine.run(10);
  t.is(a.waitsFor, '1000000000 ns to pass');
  machine.sendSignal(a, { si_signo: 'SIGUSR1', si_code: 0 });
  machine.exit(b);
  machine.run(5000);
  t.deepEqual(seen, [1n]);
  t.false(a.alive);
  t.is(machine.cpu(0).alarms.size, 1);
});

test('timers move with a CPU that goes, and go on there; a periodic one says what it has missed', (t) => {
  const { machine } = kernelOf({ cpus: 2 });
  const seen: number[] = [];
  machine.spawn(spin);
  const beat = machine.timers.every(3000, ({ index }) => seen.push(index), { cpu: 1 });
  machine.spawn(spin, { affinity: [1] });
  machine.run(200);
  t.deepEqual(new Set(seen.splice(0)), new Set([1]));
  machine.setOnline(1, false);
  machine.run(10);
  t.deepEqual(new Set(seen.splice(0)), new Set([0]));
  const busy = program(function* () {
    yield at(0xffff_ffff_8100_0000n, { irqs: 'off' });
    for (let i = 1n; i < 20n; i++) yield at(0xffff_ffff_8100_0000n + i);
    yield at(0xffff_ffff_8100_0020n, { irqs: 'on' });
  });
  for (const task of [...machine.tasks.values()]) machine.exit(task);
  machine.spawn(busy, { mode: 'kernel' });
  machine.run(40);
  t.true(beat.overruns >= 5, `${beat.overruns}`);
  t.throws(() => machine.after(1, () => {}, { cpu: 1 }), { code: 'HWBP_CPU_OFFLINE' });
});

test('a run without an end ends where only timers are left, and where they come to nothing', (t) => {
  const { machine } = kernelOf();
  let beats = 0;
  machine.timers.every(1000, () => beats++);
  t.is(machine.run().reason, 'idle');
  t.is(beats, 0);
  machine.run(100);
  t.is(beats, 99, 'the hundredth is due, and comes with the next call');
  machine.spawn(program([at(0x1000n)]), { run: false });
  t.is(machine.run().reason, 'idle');
  t.is(beats, 1100, 'so often on end that it will perhaps never wake anybody');
});

test('what throws in a timer goes to the error channel with its name; wrong arguments are named', (t) => {
  const { machine } = kernelOf();
  const reports: string[] = [];
  machine.hooks.error.add(({ what, error }) => reports.push(`${what}: ${error}`));
  machine.after(
    0,
    () => {
      throw new Error('late');
    },
    { name: 'watchdog' },
  );
  machine.spawn(program([at(0x1000n)]));
  machine.run();
  t.deepEqual(reports, ['watchdog: Error: late']);
  t.throws(() => machine.after(-1, () => {}), { message: 'ns is a number of nanoseconds from 0, got -1' });
  t.throws(() => machine.timers.every(0, () => {}), { message: 'ns is a number of nanoseconds above 0, got 0' });
  t.throws(() => machine.after(1, undefined as never), { message: 'action is a function, got undefined' });
  t.throws(() => machine.after(1, () => {}, { cpu: 7 }), { code: 'HWBP_NO_SUCH_CPU' });
  t.throws(() => machine.after(1, () => {}, { CPU: 7 } as never), { message: /no option 'CPU'/ });
  t.is(machine.cpu(0).alarms.size, 1);
});

test('time passes the same way however the run was sliced', (t) => {
  const trace = (budget: number): string[] => {
    const { machine } = kernelOf({ cpus: 3, quantum: 7, tick: 20_000 });
    const log: string[] = [];
    const note = (what: string): void => {
      log.push(`${what} ${machine.count} ${machine.cpus.map(({ clock }) => clock.now)}`);
    };
    machine.timers.every(13_000, () => note('beat'), { cpu: 2 });
    for (const [name, ns] of [
      ['a', 5_000],
      ['b', 31_000],
    ] as const) {
      machine.spawn(
        program(function* () {
          for (let i = 0n; i < 10n; i++) {
            note(name);
            yield at(0x1000n + i, i % 2n === 0n ? { wait: machine.timers.sleep(ns) } : {});
          }
        }),
      );
    }
    for (let left = 400; left > 0; left -= budget) machine.run(Math.min(budget, left));
    return log;
  };
  const whole = trace(400);
  t.true(whole.length > 25);
  for (const budget of [1, 2, 3, 8, 50]) t.deepEqual(trace(budget), whole);
});
