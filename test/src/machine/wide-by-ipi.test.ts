import { directScheduler, type Hit, type Instruction, perfEvents, program } from '@hwbp/core';
import test from 'ava';
import { kernelOf, store, watch } from './support.js';

const TEXT = 0xffff_ffff_8100_0000n;
const DATA = 0xffff_ffff_8200_0000n;
const at = (pc: bigint, more: Partial<Instruction> = {}): Instruction => ({ pc, length: 1, ...more });

for (const [name, breakpointScheduler] of [
  ['direct', directScheduler()],
  ['events', perfEvents()],
] as const) {
  const compose = (quirks = {}) => kernelOf({ cpus: 3, quantum: 1, wideBy: 'ipi', breakpointScheduler, ...quirks });
  const armed = ({ machine }: ReturnType<typeof compose>): number[] =>
    machine.cpus.filter(({ unit }) => unit.filter.ranges.length > 0).map(({ index }) => index);

  test(`a wide breakpoint travels: each CPU has it when it takes the interrupt, and its slot at once (${name})`, (t) => {
    const kernel = compose();
    const { machine, breakpoints } = kernel;
    const hits: number[] = [];
    const wide = breakpoints.registerWide(watch(DATA), ({ cpu }: Hit) => hits.push(cpu.index));
    t.deepEqual(armed(kernel), [0], 'the CPU that asks');
    t.deepEqual(wide.pending, [1, 2]);
    t.is(wide.members.size, 3);
    for (let i = 0; i < 3; i++) breakpoints.registerCpu(watch(DATA + 64n + 8n * BigInt(i)), () => {}, 2);
    t.throws(() => breakpoints.registerCpu(watch(DATA + 128n), () => {}, 2), { code: 'HWBP_NO_SLOT' });
    const writer = program([at(TEXT, { accesses: [store(DATA)] })]);
    machine.spawn(writer, { mode: 'kernel', affinity: [1] });
    machine.cpu(1).context.irqsOff = true;
    machine.run(2);
    machine.cpu(1).context.irqsOff = false;
    machine.run();
    t.deepEqual(wide.pending, []);
    t.deepEqual(armed(kernel), [0, 1, 2]);
    machine.spawn(writer, { mode: 'kernel', affinity: [2] });
    machine.run();
    t.true(hits.includes(2));
  });

  test(`unregistered is silent at once, though a CPU has it armed until it is told; its slot comes back then (${name})`, (t) => {
    const kernel = compose();
    const { machine, breakpoints } = kernel;
    const hits: number[] = [];
    const wide = breakpoints.registerWide(watch(DATA), ({ cpu }: Hit) => hits.push(cpu.index));
    machine.run();
    breakpoints.unregisterWide(wide);
    t.deepEqual(armed(kernel), [1, 2]);
    t.deepEqual(wide.pending, [1, 2]);
    const deaf = program([
      at(TEXT, { irqs: 'off' }),
      at(TEXT + 1n, { accesses: [store(DATA)] }),
      at(TEXT + 2n, { irqs: 'on' }),
      at(TEXT + 3n),
    ]);
    t.throws(() => kernel.hibernate(), { message: /CPU 1 is yet to do what another one has asked of it/ });
    machine.spawn(deaf, { mode: 'kernel', affinity: [1] });
    machine.run();
    t.deepEqual(hits, []);
    t.deepEqual(armed(kernel), []);
    t.deepEqual([...wide.members.keys()], []);
    for (let i = 0; i < 4; i++) breakpoints.registerCpu(watch(DATA + 8n * BigInt(i)), () => {}, 1);
    t.notThrows(() => breakpoints.unregisterWide(wide), 'gone is gone');
  });

  test(`modified it is half old and half new; what is refused changes nothing anywhere (${name})`, (t) => {
    const kernel = compose();
    const { machine, breakpoints } = kernel;
    const wide = breakpoints.registerWide(watch(DATA), () => {});
    machine.run();
    breakpoints.modifyWide(wide, { bp_addr: DATA + 8n });
    const addresses = (): bigint[] => machine.cpus.map(({ unit }) => unit.filter.ranges[0]?.address ?? 0n);
    t.deepEqual(addresses(), [DATA + 8n, DATA, DATA]);
    machine.run();
    t.deepEqual(addresses(), [DATA + 8n, DATA + 8n, DATA + 8n]);
    t.throws(() => breakpoints.modifyWide(wide, { bp_addr: DATA + 1n }));
    machine.run();
    t.deepEqual(addresses(), [DATA + 8n, DATA + 8n, DATA + 8n]);
  });

  test(`a CPU that goes before it was told has nothing; a program can wait until all have it; the end takes all back (${name})`, (t) => {
    const kernel = compose();
    const { machine, breakpoints, hardware } = kernel;
    let all = -1;
    machine.spawn(
      program(function* () {
        const wide = breakpoints.registerWide(watch(DATA), () => {});
        yield at(TEXT, wide.call === undefined ? {} : { wait: wide.call.wait() });
        all = armed(kernel).length;
      }),
      { mode: 'kernel', affinity: [1] },
    );
    machine.run(1);
    t.deepEqual(armed(kernel), [1]);
    machine.setOnline(2, false);
    machine.run();
    t.is(all, 2);
    const wide = breakpoints.registerWide(watch(DATA + 16n), () => {});
    breakpoints.unregisterWide(wide);
    kernel[Symbol.dispose]();
    t.true(hardware.cpus.every(({ unit }) => unit.filter.ranges.length === 0));
  });
}

test('wideBy is one of two', (t) => {
  t.throws(() => kernelOf({ wideBy: 'mail' as never }), { message: /wideBy is 'instant' or 'ipi', got 'mail'/ });
});
