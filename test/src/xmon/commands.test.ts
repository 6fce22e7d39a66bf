import { x86 } from '@hwbp/arch-x86';
import { architecture, composeKernel, KernelError, program } from '@hwbp/core';
import { fakeBackend } from '@hwbp/testkit';
import { XMON_ERRORS, XMON_MESSAGES, Xmon } from '@hwbp/xmon';
import test from 'ava';
import { DATA, load, ppc64Kernel, SYMBOLS, store, TEXT, Typist } from './support.js';

function entered(...args: Parameters<typeof ppc64Kernel>): Typist {
  const typist = new Typist(ppc64Kernel(...args));
  typist.enter();
  return typist;
}

test('every error and every message of Linux', (t) => {
  t.deepEqual(XMON_ERRORS, { XMON_OPEN: 'EBUSY', XMON_STOPPED: 'ENODEV' });
  t.deepEqual(Object.values(XMON_MESSAGES), [
    'Breakpoints may only be placed at kernel addresses',
    'Only kernel addresses are permitted for breakpoints',
    'Hardware instruction breakpoint not supported on this cpu',
    'Hardware data breakpoint not supported on this cpu',
    "Couldn't find free breakpoint register",
    'All breakpoints cleared',
    'Operation disabled: xmon in read-only mode',
  ]);
});

test('? and h name every command, and what is none is refused', (t) => {
  const user = entered({ cpu: 'power8' });
  const help = user.type('?');
  t.is(user.type('h'), help);
  for (const command of ['b', 'bi', 'bd', 'bc', 'c', 'd', 'e', 'la', 'ls', 'm', 'r', 's', 't', 'x, X']) {
    t.regex(help, new RegExp(`^${command}\\b`, 'm'), command);
  }
  t.is(user.type('zap 1'), "There is no command 'zap': type ? for help");
  t.true(user.session.refused);
  t.is(user.type('   '), '');
  t.false(user.session.refused);
});

test('what is left over, and what is missing, is refused by every command', (t) => {
  const user = entered({ cpu: 'power8' });
  const lines = ['? 1', 'b 1 2', 'bi serve 2', 'bd serve 2', 'bc 1 2', 'c 0 0', 'd 1 2 3', 'e 1', 'la 1 2', 'ls a b'];
  for (const line of [...lines, 'r pc pc', 's 1', 't 1', 'x 1']) {
    t.regex(user.type(line), /is too much: type \? for help$/, line);
    t.true(user.session.inside);
  }
  for (const line of ['d', 'la', 'ls', 'm', 'm requests'])
    t.regex(user.type(line), /is missing: type \? for help$/, line);
});

// --- addresses ---

test('an address is hexadecimal, a symbol, or a register, with an offset', (t) => {
  const user = entered({ cpu: 'power8' });
  user.type('s', 's');
  const addresses = {
    c000000000100000: 'serve+0x0/0x20',
    '0xC000000000100004': 'serve+0x4/0x20',
    serve: 'serve+0x0/0x20',
    $serve: 'serve+0x0/0x20',
    'serve+1f': 'serve+0x1f/0x20',
    '$serve+0x10': 'serve+0x10/0x20',
    'idle_loop-4': 'serve+0x1c/0x20',
    idle_loop: 'idle_loop+0x0',
    '%pc': 'serve+0x8/0x20',
    '%pc-8': 'serve+0x0/0x20',
  };
  for (const [typed, symbol] of Object.entries(addresses))
    t.true(user.type(`la ${typed}`).endsWith(`: ${symbol}`), typed);
  t.is(user.type('la 1234'), '0000000000001234');
  t.is(user.type('la 0-1'), 'ffffffffffffffff');
  for (const typed of ['$', '%', '%nothing', '+4', 'serve+', 'serve+x', '11112222333344445', '-']) {
    t.regex(user.type(`la ${typed}`), /is no address/, typed);
  }
});

test('symbols both ways', (t) => {
  const user = entered({ cpu: 'power8' });
  t.is(user.type('ls requests'), 'requests: c000000000002000');
  t.is(user.type('ls nobody'), "There is no symbol 'nobody'");
  t.is(user.type('la c000000000002007'), 'c000000000002007: requests+0x7/0x8');
});

// --- registers ---

test('r: the registers of the core, and one by its name', (t) => {
  const kernel = ppc64Kernel({ cpu: 'power8' });
  const [task] = kernel.machine.tasks.values();
  task?.context.set('r3', 0xdead_beefn);
  const user = new Typist(kernel);
  user.enter();
  user.type('s');
  const table = user.type('r').split('\n');
  t.is(table.length, 13);
  t.is(table[1], 'r3     = 00000000deadbeef  r4     = 0000000000000000  r5     = 0000000000000000');
  t.regex(table[10] ?? '', /pc {5}= c000000000100004$/);
  t.is(user.type('r r3'), 'r3     = 00000000deadbeef');
  t.is(user.type('r %pc'), 'pc     = c000000000100004');
  t.is(user.type('r nobody'), "CPU 0x0 has no register 'nobody' now");
});

test('on x86 the program counter is rip, and pc as well; an architecture that describes none has pc', (t) => {
  const code = program([
    { pc: 0xffff_ffff_8100_0000n, length: 4 },
    { pc: 0xffff_ffff_8100_0004n, length: 4 },
  ]);
  const typist = (arch: Parameters<typeof composeKernel>[0]['arch']): Typist => {
    const kernel = composeKernel({ arch, strict: true, plugins: [Xmon] });
    kernel.machine.spawn(code, { mode: 'kernel' });
    const user = new Typist(kernel);
    user.enter();
    user.type('s');
    return user;
  };
  const user = typist(x86());
  t.regex(user.type('r'), /rip {4}= ffffffff81000004 {2}eflags = 00000202/);
  t.is(user.type('la %pc'), user.type('la %rip'));
  const fake = typist(architecture(fakeBackend()));
  t.is(fake.type('r'), 'pc     = ffffffff81000004');
  t.is(fake.type('r pc'), 'pc     = ffffffff81000004');
});

// --- memory ---

test('d dumps in units, goes on at an empty line, and stops where nothing is mapped', (t) => {
  const kernel = ppc64Kernel({ cpu: 'power8', pageSize: 4096 }, {}, 0);
  kernel.machine.physical.allocate();
  kernel.machine.physical.allocate();
  kernel.machine.kernelMemory.write(
    DATA,
    Uint8Array.from('hwbp\x01\x02\x03\x04', (c) => c.charCodeAt(0)),
  );
  const user = new Typist(kernel);
  user.enter();
  t.is(user.type('d requests 8'), `c000000000002000  68 77 62 70 01 02 03 04${' '.repeat(24)}  |hwbp....|`);
  t.is(user.type('d2 requests 8'), `c000000000002000  7768 7062 0201 0403${' '.repeat(20)}  |hwbp....|`);
  t.is(user.type('d4 requests 8'), `c000000000002000  70627768 04030201${' '.repeat(18)}  |hwbp....|`);
  t.is(user.type('d8 requests'), user.type('d8 c000000000002000 40'));
  t.regex(user.type(''), /^c000000000002040 {2}0{16} 0{16} {2}\|/);
  t.is(user.type('d requests').split('\n').length, 4);
  t.is(
    user.type('d8 c000000000002ff8 10'),
    `c000000000002ff8  ${'0'.repeat(16)}${' '.repeat(17)}  |........|\nc000000000003000  nothing is mapped here`,
  );
  t.is(user.type('d c000000000009000'), 'c000000000009000  nothing is mapped here');
  t.is(user.type('d requests 10001'), 'at most 10000 bytes (hexadecimal) at once');
  t.is(user.type('d requests zz'), "'zz' is no number of bytes: hexadecimal digits");
});

test('big-endian values are what they are', (t) => {
  const kernel = ppc64Kernel({ cpu: 'power7', byteOrder: 'big' });
  const user = new Typist(kernel);
  user.enter();
  t.is(user.type('m4 requests 12345678'), 'c000000000002000: 00000000 -> 12345678');
  t.regex(user.type('d requests 4'), /^c000000000002000 {2}12 34 56 78 /);
  t.is(kernel.machine.kernelMemory.readInteger(DATA, 4), 0x1234_5678n);
});

test('m changes memory, all or nothing, and what it changes is a departure', (t) => {
  const kernel = ppc64Kernel({ cpu: 'power8', pageSize: 4096 }, {}, 1);
  kernel.machine.physical.allocate();
  kernel.machine.physical.allocate();
  const user = new Typist(kernel);
  user.enter();
  t.is(user.type('m8 requests 0'), 'c000000000002000: 0000000000000000 -> 0000000000000000');
  t.is(kernel.machine.departure, undefined, 'it is there already');
  t.is(user.type('m2 requests 1 2 0xffff').split('\n')[2], 'c000000000002004: 0000 -> ffff');
  t.deepEqual(kernel.machine.departure, { count: 0, cause: 'xmon wrote 6 bytes at 0xc000000000002000' });
  t.is(user.type('m requests 100'), '100 has more than 1 bytes');
  t.is(user.type('m requests 1 x'), "'x' is no value: hexadecimal digits");
  t.is(user.type('m8 c000000000002ff8 7 7'), 'c000000000003000  nothing is mapped here');
  t.is(kernel.machine.kernelMemory.readInteger(DATA + 0xff8n, 8), 0n);
  t.is(user.type(`m requests${' 1'.repeat(257)}`), 'at most 256 values at once');
  user.type('m8 requests 29', 'x');
  t.is(kernel.machine.kernelMemory.readInteger(DATA, 8), 0x2an, 'the kernel goes on with it');
});

// --- where it is ---

test('s steps the CPU that is shown alone, an empty line again; c shows another one', (t) => {
  const kernel = ppc64Kernel({ cpu: 'power8' }, { cpus: 3, offline: [2] });
  const user = new Typist(kernel);
  user.enter();
  t.is(user.type('c'), '* CPU 0x0: server0-1\n  CPU 0x1: server1-2');
  t.is(user.type('c1'), 'CPU 0x1\n    pc: 0000000000000000\n  task: server1-2, kernel mode');
  t.is(user.session.prompt, '1:mon> ');
  t.is(user.type('s').split('\n')[0], 'CPU 0x1: stepped');
  t.regex(user.type(''), /pc: c000000000100008/);
  t.deepEqual(
    kernel.machine.cpus.map(({ instructions }) => instructions),
    [0, 2, 0],
  );
  t.is(user.type('c 2'), 'There is no CPU 0x2 online');
  t.is(user.type('c9'), 'There is no CPU 0x9 online');
  t.is(user.type('c x'), "'x' is no CPU: hexadecimal digits");
  t.is(user.session.prompt, '1:mon> ');
});

test('an idle CPU has no registers, no stack and no step', (t) => {
  const kernel = composeKernel({ arch: x86(), cpus: 2, strict: true, plugins: [Xmon] });
  kernel.machine.spawn(program([{ pc: 0x1000n, length: 1 }]), { affinity: [0] });
  const user = new Typist(kernel);
  user.enter();
  t.is(user.type('c 1'), 'CPU 0x1\n  idle');
  t.is(user.type('r'), 'CPU 0x1 idles: it has no registers');
  t.is(user.type('t'), 'CPU 0x1 idles: it has no stack');
  t.is(user.type('s'), 'CPU 0x1: no step: it may not execute\n  idle');
  t.is(user.type('r pc'), "CPU 0x1 has no register 'pc' now");
});

test('t: where it is, who called, and what was interrupted', (t) => {
  const kernel = composeKernel({
    arch: x86(),
    strict: true,
    plugins: [Xmon],
    symbols: [
      { name: 'main', address: 0x40_1000n, size: 0x100 },
      { name: 'sys_read', address: 0xffff_ffff_8100_0000n, size: 0x40 },
    ],
  });
  const syscall = program([
    { pc: 0xffff_ffff_8100_0000n, length: 4 },
    { pc: 0xffff_ffff_8100_0004n, length: 4 },
  ]);
  kernel.machine.spawn(
    program([
      { pc: 0x40_1000n, length: 2, syscall },
      { pc: 0x40_1002n, length: 1 },
    ]),
  );
  const user = new Typist(kernel);
  user.enter();
  user.type('b sys_read+4', 'x');
  t.is(
    user.type('t'),
    'ffffffff81000004 sys_read+0x4/0x40\n--- system call\n0000000000401002 main+0x2/0x100 in user mode',
  );
  const power = ppc64Kernel({ cpu: 'power8' });
  const [task] = power.machine.tasks.values();
  task?.context.set('link', TEXT + 0x20n);
  const other = new Typist(power);
  other.enter();
  other.type('s');
  t.is(other.type('t'), 'c000000000100004 serve+0x4/0x20\nc000000000100020 idle_loop+0x0 (link register)');
});

test('e says again why it was entered; the kernel that stops by itself is a reason too', (t) => {
  const kernel = ppc64Kernel({ cpu: 'power8' }, {}, 100_000);
  const user = new Typist(kernel);
  const why = user.enter();
  t.is(why.split('\n')[0], 'CPU 0x0: entered by order');
  t.is(user.type('e'), why);
  kernel.machine.stop('out of paper');
  t.is(user.type('x').split('\n')[0], 'CPU 0x0: the kernel stopped: out of paper');
  t.is(user.type('x'), '', 'it goes on');
  t.is(user.reason, 'budget');
});

test('a step in user mode, and behind an access that is watched by others', (t) => {
  const kernel = ppc64Kernel({ cpu: 'power8' }, { symbols: SYMBOLS }, 0);
  let hits = 0;
  const task = kernel.machine.spawn(
    program([
      { pc: 0x1000_0000n, length: 4, accesses: [store(0x2000_0000n, 1n)] },
      { pc: 0x1000_0004n, length: 4, accesses: [load(0x2000_0000n)] },
      { pc: 0x1000_0008n, length: 4 },
    ]),
  );
  kernel.breakpoints.registerUser({ bp_type: 3, bp_addr: 0x2000_0000n, bp_len: 8 }, () => hits++, task);
  kernel.machine.run(0);
  const user = new Typist(kernel);
  user.enter();
  t.regex(user.type('s'), /stepped/);
  t.is(hits, 0, 'muted');
  user.type('x');
  t.is(hits, 1);
});

// --- X ---

test('X leaves a breakpoint to whoever comes behind xmon, x does not', (t) => {
  for (const [command, seen] of [
    ['x', 0],
    ['X', 1],
  ] as const) {
    const kernel = ppc64Kernel({ cpu: 'power8' }, {}, 1);
    let behind = 0;
    kernel.machine.dieChain.register(({ event }) => {
      if (event === 'breakpoint') behind++;
      return 'stop';
    }, -0x7fff_ffff);
    const user = new Typist(kernel);
    user.enter();
    user.type('b serve', 'x', command);
    t.is(user.reason, 'idle');
    t.is(behind, seen);
    t.is(kernel.machine.count, 4);
  }
});

// --- sessions ---

test('one session at a time; it is quiet until it is entered, and takes nothing with it', (t) => {
  const kernel = ppc64Kernel({ cpu: 'power10' });
  const xmon = kernel.get(Xmon);
  const session = xmon.open();
  const open = t.throws(() => xmon.open(), { instanceOf: KernelError });
  t.deepEqual([open?.code, open?.errno], ['XMON_OPEN', 'EBUSY']);
  t.is(session.line('b'), 'The machine runs: enter xmon first');
  t.is(session.prompt, '');
  t.is(kernel.machine.gates, 0);
  session.enter();
  t.is(session.enter(), '');
  t.is(session.run(100).reason, 'entered');
  session.line('bd requests');
  session.line('bi serve');
  session.line('b serve+4');
  session.close();
  session.close();
  t.false(session.open);
  t.is(kernel.machine.gates, 0);
  t.is(kernel.machine.planted.size, 0);
  t.deepEqual(kernel.breakpoints.debugger.claims, []);
  t.is(kernel.breakpoints.debugger.inside, undefined);
  t.is(t.throws(() => session.line('b'), { instanceOf: KernelError })?.code, 'XMON_STOPPED');
  t.is(kernel.machine.run().reason, 'idle');
  xmon.open();
  kernel.dispose();
  t.is(t.throws(() => xmon.open(), { instanceOf: KernelError })?.code, 'XMON_STOPPED');
});

test('software breakpoints are in place only while the machine runs', (t) => {
  const kernel = ppc64Kernel({ cpu: 'power8' }, {}, 100_000);
  const { session } = new Typist(kernel);
  session.enter();
  session.line('b serve+10');
  t.is(kernel.machine.planted.size, 0);
  session.line('x');
  t.is(kernel.machine.planted.size, 1);
  session.run(10);
  session.enter();
  t.is(kernel.machine.planted.size, 0);
});
