import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { type Architecture, composeKernel, directScheduler, type Kernel, perfEvents, program } from '@hwbp/core';
import { Xmon } from '@hwbp/xmon';
import test from 'ava';
import { serve, Typist } from './support.js';

/** Text and data of the kernels here, by architecture. */
const PLACES = {
  x86: { arch: x86, text: 0xffff_ffff_8100_0000n, data: 0xffff_8880_0000_0100n },
  'ppc64 power8': { arch: () => ppc64({ cpu: 'power8' }), text: 0xc000_0000_0010_0000n, data: 0xc000_0000_0000_2000n },
  'ppc64 power10': {
    arch: () => ppc64({ cpu: 'power10' }),
    text: 0xc000_0000_0010_0000n,
    data: 0xc000_0000_0000_2000n,
  },
} satisfies Record<string, { arch: () => Architecture; text: bigint; data: bigint }>;

const SUBJECTS = Object.entries(PLACES).flatMap(([name, place]) =>
  Object.entries({ direct: directScheduler, events: perfEvents }).map(([how, scheduler]) => ({
    ...place,
    scheduler,
    title: `${name}, ${how}`,
  })),
);

type Subject = (typeof SUBJECTS)[number];

/** What a kernel is made of that serves on a CPU when it is told. */
function optionsOf({ arch, scheduler, text, data }: Subject) {
  const symbols = [
    { name: 'requests', address: data, size: 8 },
    { name: 'serve', address: text, size: 0x20 },
  ];
  return { arch: arch(), breakpointScheduler: scheduler(), strict: true, symbols, plugins: [Xmon] };
}

function serveOn({ machine }: Kernel, { text, data }: Subject, cpu: number): void {
  machine.spawn(
    program(() => serve(text, data, 1)),
    { mode: 'kernel', affinity: [cpu] },
  );
}

/** Lets a CPU serve a round; what stops it, until it is through. */
function stopsOn(kernel: Kernel, subject: Subject, user: Typist, cpu: number): readonly string[] {
  serveOn(kernel, subject, cpu);
  const causes: string[] = [];
  for (;;) {
    const { reason, output } = user.session.run(1000);
    if (reason !== 'entered') return causes;
    causes.push(/^CPU (0x.*?: .*?)(?:,|\s[0-9a-f]{8}|\n)/.exec(output)?.[1] ?? output);
    // Told before the access: that is still to be made.
    if (output.includes('hits again')) user.session.line('s');
    user.session.line('x');
  }
}

const expected = (cpu: number, instruction: boolean): readonly string[] => [
  `0x${cpu.toString(16)}: breakpoint 1`,
  ...(instruction ? [`0x${cpu.toString(16)}: breakpoint 2`] : []),
  `0x${cpu.toString(16)}: data breakpoint`,
];

for (const subject of SUBJECTS) {
  /** xmon with `b`, `bi` and `bdw`, outside. */
  const begun = (): { readonly kernel: Kernel; readonly user: Typist } => {
    const kernel = composeKernel({ ...optionsOf(subject), cpus: 2 });
    kernel.machine.physical.allocate();
    const user = new Typist(kernel);
    user.enter();
    user.session.line('b serve');
    user.session.line('bi serve+c');
    user.session.line('bdw requests');
    user.session.line('x');
    return { kernel, user };
  };
  const stops = (kernel: Kernel, user: Typist, cpu: number): readonly string[] =>
    [...stopsOn(kernel, subject, user, cpu)].sort();
  const all = (cpu: number): readonly string[] => [...expected(cpu, true)].sort();

  test(`what xmon has set stops every CPU after a suspend as before, and a machine that it has stays stopped (${subject.title})`, (t) => {
    const { kernel, user } = begun();
    for (const cpu of [0, 1]) t.deepEqual(stops(kernel, user, cpu), all(cpu), `CPU ${cpu} before`);
    kernel.suspend();
    for (const { unit } of kernel.hardware.cpus)
      t.false(
        unit.filter.ranges.some(({ address }) => address === subject.data),
        'it has no power',
      );
    kernel.resume();
    for (const cpu of [0, 1]) t.deepEqual(stops(kernel, user, cpu), all(cpu), `CPU ${cpu} after`);
    user.enter();
    kernel.suspend();
    kernel.resume();
    t.is(kernel.breakpoints.debugger.inside, 'xmon');
    for (const { index } of kernel.machine.cpus) t.true(kernel.breakpoints.isMuted(index));
    t.is(kernel.machine.run(100).instructions, 0);
    user.session.line('x');
    for (const cpu of [0, 1]) t.deepEqual(stops(kernel, user, cpu), all(cpu), `CPU ${cpu} in the end`);
    kernel.dispose();
  });

  test(`what xmon has set is on a CPU that comes back, and its claims go with the session (${subject.title})`, (t) => {
    const { kernel, user } = begun();
    kernel.machine.setOnline(1, false);
    t.deepEqual(stops(kernel, user, 0), all(0));
    kernel.machine.setOnline(1, true);
    t.deepEqual(stops(kernel, user, 1), all(1));
    user.session.close();
    t.deepEqual(kernel.breakpoints.debugger.claims, []);
    t.false(kernel.breakpoints.isUsed);
    for (const { unit } of kernel.hardware.cpus) t.deepEqual(unit.filter.ranges, []);
    kernel.dispose();
  });

  for (const how of ['kexec', 'crash'] as const) {
    test(`${how}: nothing that xmon had set stops the next kernel, whose own xmon has every register (${subject.title})`, (t) => {
      const { kernel, user } = begun();
      user.enter();
      const next = kernel[how](optionsOf(subject));
      t.is(next.hardware.planted.size, 0);
      for (const { unit } of next.hardware.cpus) t.deepEqual(unit.filter.ranges, []);
      for (const cpu of [0, 1]) serveOn(next, subject, cpu);
      t.is(next.machine.run().reason, 'idle', 'nobody stops it');
      const heir = new Typist(next);
      t.regex(heir.enter(), /entered by order/);
      t.is(heir.type('b'), '   type            address');
      for (const line of ['b serve', 'bi serve+c', 'bdw requests']) t.is(heir.session.line(line), '', line);
      heir.session.line('x');
      kernel.dispose();
      for (const cpu of [0, 1]) t.deepEqual(stops(next, heir, cpu), all(cpu), `CPU ${cpu}`);
      next.dispose();
    });
  }
}
