import { x86 } from '@hwbp/arch-x86';
import {
  type ArchBackend,
  architecture,
  composeKernel,
  type Kernel,
  KernelError,
  nullBackend,
  program,
} from '@hwbp/core';
import { fakeBackend } from '@hwbp/testkit';
import { MOST_ENTRIES, Xmon } from '@hwbp/xmon';
import test from 'ava';
import { DATA, ppc64Kernel, serve, TEXT, Typist } from './support.js';

const HEADER = '   type            address';
const NOT_HERE = 'Hardware instruction breakpoint not supported on this cpu';

/** Text and data of the kernels on x86 and on fakes. */
const X86_TEXT = 0xffff_ffff_8100_0000n;
const X86_DATA = 0xffff_8880_0000_0100n;
const FAKE_DATA = 0xffff_8000_0000_0100n;

function kernelOn(arch: Parameters<typeof composeKernel>[0]['arch'], data: bigint): Kernel {
  const symbols = [
    { name: 'requests', address: data, size: 8 },
    { name: 'serve', address: X86_TEXT, size: 0x20 },
  ];
  const kernel = composeKernel({ arch, cpus: 2, strict: true, symbols, plugins: [Xmon] });
  kernel.machine.physical.allocate();
  kernel.machine.spawn(
    program(() => serve(X86_TEXT, data, 3)),
    { comm: 'server', mode: 'kernel', affinity: [0] },
  );
  return kernel;
}

/** An xmon that has the machine. */
function entered(kernel: Kernel, readOnly = false): Typist {
  const typist = new Typist(kernel, { readOnly });
  typist.enter();
  return typist;
}

/** What the kernel has counted. */
const served = ({ machine }: Kernel): bigint => machine.kernelMemory.readInteger(DATA, 8);

// --- b ---

test('b lists: nothing, then data breakpoints, then numbered ones', (t) => {
  using kernel = ppc64Kernel({ cpu: 'power10' });
  const user = entered(kernel);
  t.is(user.type('b'), HEADER);
  t.is(user.type('b serve', 'b serve+8', 'bi serve+4', 'bdw requests', 'bdr requests+9'), '\n\n\n\n');
  t.is(
    user.type('b'),
    [
      HEADER,
      '   data   c000000000002000  [w]',
      '   data   c000000000002008  [r]',
      ' 1 trap   c000000000100000  serve+0x0/0x20',
      ' 2 trap   c000000000100008  serve+0x8/0x20',
      ' 3 inst   c000000000100004  serve+0x4/0x20',
    ].join('\n'),
  );
});

test('b ADDR stops the kernel before the instruction, each time, and the instruction executes once', (t) => {
  using kernel = ppc64Kernel({ cpu: 'power7' });
  const user = entered(kernel);
  user.type('b serve+8');
  for (let round = 0n; round < 3n; round++) {
    t.regex(user.type('x'), /^CPU 0x0: breakpoint 1\n {4}pc: c000000000100008 serve\+0x8\/0x20\n {2}task: server0-1/);
    t.is(served(kernel), round);
  }
  user.type('x');
  t.is(user.reason, 'idle');
  t.is(served(kernel), 3n);
  t.is(kernel.machine.count, 12);
});

test('b is refused outside of the kernel, for the 257th, and where it is no address', (t) => {
  using kernel = ppc64Kernel({ cpu: 'power8' });
  const user = entered(kernel);
  t.is(user.type('b 10000000'), 'Breakpoints may only be placed at kernel addresses');
  t.true(user.session.refused);
  t.regex(user.type('b nobody'), /^'nobody' is no address/);
  t.regex(user.type('b serve serve'), /^'serve' is too much/);
  for (let i = 0; i < MOST_ENTRIES; i++) user.type(`b ${(TEXT + 4n * BigInt(i)).toString(16)}`);
  t.is(user.type('b serve'), '', 'it has an entry');
  t.regex(user.type('b serve+400'), /^There are 256 breakpoints/);
  t.regex(user.type('bi serve+400'), /^There are 256 breakpoints/);
  t.is(user.type('b').split('\n').length, 257);
  user.type('bc 10');
  t.is(user.type('b serve+400'), '');
  t.true(user.type('b').includes('\n10 trap   c000000000100400  idle_loop+0x3e0'), 'it gets the free number');
});

// --- bi ---

test('bi: POWER7 has none; later ones stop behind the instruction, by CIABR', (t) => {
  using old = ppc64Kernel({ cpu: 'power7' });
  t.is(entered(old).type('bi serve'), NOT_HERE);
  for (const cpu of ['power8', 'power9', 'power10'] as const) {
    using kernel = ppc64Kernel({ cpu }, { cpus: 2 });
    const user = entered(kernel);
    t.is(user.type('bi serve+4'), '');
    t.regex(
      user.type('x'),
      /^CPU 0x0: breakpoint 1, behind c000000000100004 serve\+0x4\/0x20\n {4}pc: c000000000100008/,
    );
    t.is(kernel.machine.cpu(0).instructions, 2);
    user.type('x', 'x');
    t.regex(user.type('x'), /^CPU 0x1: breakpoint 1, behind/);
  }
});

test('a second bi replaces the first; bi alone clears it; an address that it refuses leaves it', (t) => {
  using kernel = ppc64Kernel({ cpu: 'power8' });
  const user = entered(kernel);
  user.type('bi serve', 'bi serve+8');
  t.is(user.type('b'), `${HEADER}\n 2 inst   c000000000100008  serve+0x8/0x20`);
  t.is(user.type('bi 1000'), 'Breakpoints may only be placed at kernel addresses');
  t.regex(user.type('bi serve+1'), /multiples of 4/);
  t.is(user.type('b'), `${HEADER}\n 2 inst   c000000000100008  serve+0x8/0x20`);
  t.regex(user.type('x'), /behind c000000000100008/);
  t.is(user.type('bi'), '');
  t.is(user.type('b'), HEADER);
  user.type('x');
  t.is(user.reason, 'idle');
});

test('b and bi at one instruction are one entry, and bc clears both', (t) => {
  using kernel = ppc64Kernel({ cpu: 'power8' });
  const user = entered(kernel);
  user.type('b serve+4', 'bi serve+4');
  t.is(user.type('b'), `${HEADER}\n 1 inst   c000000000100004  serve+0x4/0x20`);
  t.regex(user.type('x'), /breakpoint 1\n {4}pc: c000000000100004/, 'the trap comes first');
  t.regex(user.type('x'), /breakpoint 1\n {4}pc: c000000000100004/, 'the step over it is not reported');
  t.is(user.type('bc 1'), 'Cleared breakpoint 1 (c000000000100004 serve+0x4/0x20)');
  user.type('x');
  t.is(user.reason, 'idle');
});

test('bi on x86 and on a fake is an execute breakpoint, before the instruction', (t) => {
  for (const [arch, data] of [
    [x86(), X86_DATA],
    [architecture(fakeBackend({ slots: 1 })), FAKE_DATA],
  ] as const) {
    using kernel = kernelOn(arch, data);
    const user = entered(kernel);
    t.is(user.type('bi serve+8'), '');
    t.deepEqual(
      kernel.breakpoints.debugger.claims.map(({ breakpoint: { owner, cpu } }) => `${owner} ${cpu}`),
      ['xmon 0', 'xmon 1'],
    );
    t.regex(user.type('x'), /^CPU 0x0: breakpoint 1\n {4}pc: ffffffff81000008 serve\+0x8\/0x20/);
    t.is(user.type('bi serve+c'), '', 'in the register of the first, where there is one only');
    t.regex(user.type('x'), /pc: ffffffff8100000c/);
    t.is(user.type('bc'), 'All breakpoints cleared');
    user.type('x');
    t.is(user.reason, 'idle');
    t.deepEqual(kernel.breakpoints.debugger.claims, []);
  }
});

test('a bi that the architecture refuses keeps the first, where one register is free and where none is', (t) => {
  for (const slots of [1, 2]) {
    const backend = fakeBackend({ slots });
    const picky: ArchBackend = {
      ...backend,
      parse(attr) {
        if ((attr.bp_addr & 1n) === 1n) throw new KernelError('PICKY', 'EINVAL', 'it is odd');
        return backend.parse(attr);
      },
    };
    using kernel = kernelOn(architecture(picky), FAKE_DATA);
    const user = entered(kernel);
    user.type('bi serve');
    const before = user.type('b');
    t.is(user.type('bi serve+1'), 'EINVAL: it is odd');
    t.is(user.type('b'), before);
    t.is(kernel.breakpoints.debugger.claims.length, 2);
    t.regex(user.type('x'), /breakpoint 1/);
  }
});

test('a bi whose register somebody else has says who', (t) => {
  using kernel = kernelOn(architecture(fakeBackend({ slots: { data: 1, instruction: 1 } })), FAKE_DATA);
  const user = entered(kernel);
  user.type('bi serve');
  t.is(user.type('bi serve+4'), '');
  t.is(kernel.breakpoints.debugger.claims.length, 2);
  user.type('bi');
  const attr = { bp_type: 4, bp_addr: X86_TEXT, bp_len: 8 };
  kernel.breakpoints.debugger.reserve(attr, () => {}, 1, 'other');
  t.is(user.type('bi serve'), "Couldn't find free breakpoint register\n  held by other");
  t.is(user.type('b'), HEADER);
  t.is(kernel.breakpoints.debugger.claims.length, 1);
});

// --- bd ---

test('bd, bdr and bdw watch what they say, a doubleword, in the kernel', (t) => {
  const stops = (command: string): string[] => {
    using kernel = ppc64Kernel({ cpu: 'power8' }, {}, 1);
    const user = entered(kernel);
    user.type(command);
    const found: string[] = [];
    for (let printed = user.type('x'); user.session.inside; printed = user.type('s', 'x').split('mode\n')[1] ?? '') {
      found.push(/pc: (\S+)/.exec(printed)?.[1]?.slice(-1) ?? '?');
    }
    return found;
  };
  t.deepEqual(stops('bd requests'), ['4', '8']);
  t.deepEqual(stops('bdr requests+3'), ['4']);
  t.deepEqual(stops('bdw requests'), ['8']);
  t.deepEqual(stops('bd requests+8'), []);
});

test('bd is refused outside of the kernel; without an address it changes nothing', (t) => {
  using kernel = ppc64Kernel({ cpu: 'power8' });
  const user = entered(kernel);
  t.is(user.type('bd 1000'), 'Only kernel addresses are permitted for breakpoints');
  t.is(user.type('bd'), '');
  t.is(user.type('b'), HEADER);
});

test('one register: a second bd finds none until bc; POWER10 has two', (t) => {
  for (const [cpu, registers] of [
    ['power7', 1],
    ['power8', 1],
    ['power10', 2],
  ] as const) {
    using kernel = ppc64Kernel({ cpu });
    const user = entered(kernel);
    for (let i = 0; i < registers; i++) t.is(user.type(`bd requests+${8 * i}`), '');
    t.is(user.type('bd requests+20'), "Couldn't find free breakpoint register");
    t.is(user.type('b').split('\n').length, 1 + registers);
    t.is(user.type('bc', 'bd requests+20'), 'All breakpoints cleared\n');
  }
});

test('where Linux uses no data register, and where there is none at all, bd says so', (t) => {
  using power9 = ppc64Kernel({ cpu: 'power9' });
  t.is(entered(power9).type('bd requests'), 'Hardware data breakpoint not supported on this cpu');
  using none = kernelOn(architecture(nullBackend()), FAKE_DATA);
  const user = entered(none);
  t.is(user.type('bdw requests'), 'Hardware data breakpoint not supported on this cpu');
  t.is(user.type('bi serve'), NOT_HERE);
  t.is(user.type('b serve+4'), '', 'software breakpoints need no hardware');
  t.regex(user.type('x'), /breakpoint 1/);
});

test('x86 watches no reads alone; a data hit comes behind the access, once', (t) => {
  using kernel = kernelOn(x86(), X86_DATA);
  const user = entered(kernel);
  t.is(
    user.type('bdr requests'),
    'Hardware data breakpoint not supported on this cpu\n  x86 cannot watch [r] alone: use bd',
  );
  t.is(user.type('bd requests'), '');
  t.is(
    user.type('x'),
    'CPU 0x0: data breakpoint ffff888000000100 requests+0x0/0x8 [rw]\n' +
      '    pc: ffffffff81000008 serve+0x8/0x20\n  task: server-1, kernel mode',
  );
  t.regex(user.type('x'), /pc: ffffffff8100000c/);
  t.is(user.type('bdw requests+10', 'bdw requests+20', 'bdw requests+30'), '\n\n');
  t.is(user.type('bdw requests+40'), "Couldn't find free breakpoint register");
});

test('a fake of shorter registers watches as much as one can', (t) => {
  using kernel = kernelOn(architecture(fakeBackend({ slots: 2, dataLengths: [1, 2, 4] })), FAKE_DATA);
  const user = entered(kernel);
  user.type('bd requests+7');
  t.is(user.type('b'), `${HEADER}\n   data   ffff800000000104  [rw]`);
});

// --- a hit before the access ---

for (const [name, make] of [
  ['POWER7', () => ppc64Kernel({ cpu: 'power7' }, {}, 1)],
  ['POWER10', () => ppc64Kernel({ cpu: 'power10' }, {}, 1)],
  ['a fake', () => kernelOn(architecture(fakeBackend({ slots: 1, timing: 'before' })), FAKE_DATA)],
] as const) {
  test(`on ${name} the access hits again and again: bc or s gets past it`, (t) => {
    const hits = /: data breakpoint \S+ requests\+0x0\/0x8 \[w\](?:.|\n)*the access is made when the machine goes on/;
    using kernel = make();
    const user = entered(kernel);
    user.type('bdw requests');
    for (let i = 0; i < 5; i++) t.regex(user.type('x'), hits);
    const { count } = kernel.machine;
    t.is(count, 2, 'nothing has executed meanwhile');
    t.regex(user.type('s'), /stepped\n {4}pc: \S+c /);
    t.is(kernel.machine.count, 3);
    user.type('bc', 'x');
    t.is(user.reason, 'idle');
  });
}

test('bc instead of a step lets the access be made, without a hit', (t) => {
  using kernel = ppc64Kernel({ cpu: 'power8' }, {}, 1);
  const user = entered(kernel);
  user.type('bdw requests', 'x');
  t.is(user.type('bc requests'), 'Cleared data breakpoint (c000000000002000 requests+0x0/0x8)');
  user.type('x');
  t.is(user.reason, 'idle');
  t.is(served(kernel), 1n);
});

// --- bc ---

test('bc clears by number and by address, and knows what it does not know', (t) => {
  using kernel = ppc64Kernel({ cpu: 'power8' });
  const user = entered(kernel);
  user.type('b serve', 'bi serve+4');
  t.is(user.type('bc 3'), 'No breakpoint at 3');
  t.is(user.type('bc serve+8'), 'No breakpoint at c000000000100008');
  t.is(user.type('bc 0'), 'No breakpoint at 0');
  t.true(user.session.refused);
  t.is(user.type('bc serve+4'), 'Cleared breakpoint 2 (c000000000100004 serve+0x4/0x20)');
  t.is(user.type('bc 1'), 'Cleared breakpoint 1 (c000000000100000 serve+0x0/0x20)');
  t.is(user.type('bc'), 'All breakpoints cleared');
  user.type('x');
  t.is(user.reason, 'idle');
});

// --- read-only ---

test('read-only: what changes something is refused with one message, clearing and looking are not', (t) => {
  using kernel = ppc64Kernel({ cpu: 'power8' });
  const user = entered(kernel, true);
  for (const command of ['b serve', 'bi serve', 'bi', 'bd requests', 'bdr requests', 'bdw requests', 'm requests 1']) {
    t.is(user.type(command), 'Operation disabled: xmon in read-only mode', command);
    t.true(user.session.refused);
  }
  t.is(user.type('b', 'bc'), `${HEADER}\nAll breakpoints cleared`);
  t.regex(user.type('d requests'), /^c000000000002000 /);
  t.regex(user.type('s'), /stepped/);
});
