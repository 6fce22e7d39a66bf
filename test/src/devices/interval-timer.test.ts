import { x86 } from '@hwbp/arch-x86';
import { composeKernel, type Kernel, type KernelOptions, perfEvents, program } from '@hwbp/core';
import {
  type IntervalTimerOptions,
  intervalTimer,
  TIMER_ENABLE,
  TIMER_EXPIRED,
  TIMER_ONE_SHOT,
  TIMER_REGISTERS,
} from '@hwbp/devices';
import { KsymTracer } from '@hwbp/ftrace';
import { Kgdb } from '@hwbp/kgdb';
import { Perf } from '@hwbp/perf';
import test from 'ava';
import { Client } from '../kgdb/client.js';

const COUNTER = 0xffff_ffff_82a0_0040n;
const TEXT = 0xffff_ffff_8120_0000n;
const PHYSICAL = 0xfed0_0000n;
const { CONTROL, PERIOD, COUNT, STATUS, TICKS } = TIMER_REGISTERS;

const SYMBOLS = [
  { name: 'ticks', address: COUNTER, size: 8 },
  { name: 'timer_interrupt', address: TEXT, size: 32 },
];

/** A kernel with a timer that counts every 100 microseconds, and a task that executes something meanwhile. */
function counting(options: Partial<KernelOptions> = {}, timer: IntervalTimerOptions = {}): Kernel {
  const driver = { period: 100, counter: COUNTER, text: TEXT };
  const plugins = [...(options.plugins ?? []), intervalTimer({ driver, ...timer })];
  const kernel = composeKernel({ arch: x86(), symbols: SYMBOLS, strict: true, ...options, plugins });
  kernel.machine.spawn(
    program(function* () {
      for (;;) yield { pc: 0x40_0000n, length: 2, next: 0x40_0000n };
    }),
    { comm: 'busy' },
  );
  return kernel;
}

const count = ({ machine }: Kernel): bigint => machine.kernelMemory.readInteger(COUNTER, 8);

test('its handler counts in a variable, at its period, whatever executes', (t) => {
  using kernel = counting();
  kernel.machine.run(1050);
  t.is(count(kernel), 10n);
});

test('a wide watch sees the handler store, in an interrupt, on behalf of nobody’s program', (t) => {
  using kernel = counting();
  const hits: unknown[] = [];
  kernel.breakpoints.registerWide({ bp_type: 2, bp_addr: COUNTER, bp_len: 8 }, ({ pc, mode, context }) =>
    hits.push([pc, mode, context]),
  );
  kernel.machine.run(250);
  t.deepEqual(hits, [
    [TEXT + 12n, 'kernel', 'hardirq'],
    [TEXT + 12n, 'kernel', 'hardirq'],
  ]);
});

test('the ksym tracer writes its stores down, with the handler’s name', (t) => {
  using kernel = counting({ plugins: [KsymTracer] });
  const { files } = kernel.get(KsymTracer);
  files.write('current_tracer', 'ksym_tracer');
  files.write('ksym_trace_filter', 'ticks:-w-');
  kernel.machine.run(350);
  const lines = files.read('trace').match(/ticks W {2}timer_interrupt\+0x10\/0x20/g);
  t.is(lines?.length, 3);
});

test('gdb stops where the handler has stored, and at a register that it reads, which is read once', (t) => {
  let registers = 0n;
  using kernel = counting({ plugins: [Kgdb] }, { mapped: (address) => (registers = address) });
  const gdb = new Client(kernel);
  gdb.ok(`Z2,${COUNTER.toString(16)},8`);
  t.regex(gdb.stop(), /^T05.*watch:ffffffff82a00040;/);
  t.is(gdb.pc(), TEXT + 16n);
  gdb.ok(`z2,${COUNTER.toString(16)},8`);
  const status = (registers + BigInt(STATUS)).toString(16);
  gdb.ok(`Z4,${status},4`);
  t.regex(gdb.stop(), /^T05.*awatch:/);
  t.is(gdb.send(`m${status},4`), 'E0e', 'a debugger that looks disturbs no device');
  gdb.ok(`z4,${status},4`);
  gdb.session.close();
  t.is(count(kernel), 1n);
});

test('perf counts its stores', (t) => {
  using kernel = counting({ breakpointScheduler: perfEvents(), plugins: [Perf] });
  const perf = kernel.get(Perf);
  const file = perf.open({ type: 5, bp_type: 2, bp_addr: COUNTER, bp_len: 8 }, { pid: -1, cpu: 0 });
  kernel.machine.run(550);
  t.like(file.values(), { value: 5n });
});

test('by its registers it is set, stopped and asked; once is once', (t) => {
  using kernel = composeKernel({ arch: x86(), plugins: [intervalTimer()] });
  const { machine, hardware } = kernel;
  const read = (offset: number): number => Number(hardware.bus.readDevice(PHYSICAL + BigInt(offset), 4));
  const write = (offset: number, value: number): void =>
    hardware.bus.writeDevice(PHYSICAL + BigInt(offset), 4, BigInt(value));
  machine.spawn(
    program(function* () {
      for (;;) yield { pc: 0x40_0000n, length: 2, next: 0x40_0000n };
    }),
  );
  const step = (instructions: number): void => void machine.run(instructions);
  write(PERIOD, 50);
  write(CONTROL, TIMER_ENABLE);
  t.deepEqual([read(PERIOD), read(CONTROL), read(COUNT), read(STATUS)], [50, 1, 50, 0]);
  step(20);
  t.is(read(COUNT), 30);
  step(100);
  t.deepEqual([read(TICKS), read(STATUS)], [2, TIMER_EXPIRED]);
  write(STATUS, TIMER_EXPIRED);
  t.is(read(STATUS), 0);
  write(CONTROL, TIMER_ENABLE | TIMER_ONE_SHOT);
  step(200);
  t.deepEqual([read(TICKS), read(CONTROL), read(COUNT)], [3, TIMER_ONE_SHOT, 0]);
  write(CONTROL, TIMER_ENABLE);
  write(CONTROL, 0);
  step(200);
  t.is(read(TICKS), 3);
});

test('options are checked where they are given', (t) => {
  const wrong = (options: unknown, message: RegExp) =>
    t.throws(() => intervalTimer(options as never), { instanceOf: TypeError, message });
  wrong({ driver: { period: 0, counter: 1n } }, /period is a whole number of microseconds from 1/);
  wrong({ driver: { period: 1, counter: 1 } }, /counter is an address/);
  wrong({ lines: 1 }, /no option 'lines'/);
});
