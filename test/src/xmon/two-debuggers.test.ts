import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  INSTRUCTION_BREAKPOINT,
  type Kernel,
  KernelError,
  type KernelOptions,
  program,
  type RegisterClaim,
} from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { Xmon } from '@hwbp/xmon';
import test from 'ava';
import { Client } from '../kgdb/client.js';
import { ppc64Kernel, serve, Typist } from './support.js';

const TEXT = 0xffff_ffff_8100_0000n;
const DATA = 0xffff_8880_0000_0100n;

/** A kernel with both debuggers. */
function both(options: Partial<KernelOptions> = {}): Kernel {
  const symbols = [
    { name: 'requests', address: DATA, size: 8 },
    { name: 'serve', address: TEXT, size: 0x20 },
  ];
  const kernel = composeKernel({ arch: x86(), cpus: 2, strict: true, symbols, plugins: [Kgdb, Xmon], ...options });
  kernel.machine.physical.allocate();
  kernel.machine.spawn(
    program(() => serve(TEXT, DATA, 1000)),
    { comm: 'server', mode: 'kernel', affinity: [0] },
  );
  return kernel;
}

const busy = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof KernelError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'not refused';
};

test('the second debugger is told who has stopped the machine', (t) => {
  using kernel = both();
  const gdb = new Client(kernel);
  const session = kernel.get(Xmon).open();
  t.is(
    busy(() => session.enter()),
    'HWBP_DEBUGGER_INSIDE EBUSY: kgdb has stopped this machine; let it go on first',
  );
  t.false(session.inside);
  t.is(kernel.machine.gates, 1, 'nothing of it is left');
  gdb.raw('$D#44');
  t.regex(session.enter(), /^CPU 0x0/);
  t.is(
    busy(() => new Client(kernel)),
    'HWBP_DEBUGGER_INSIDE EBUSY: xmon has stopped this machine; let it go on first',
  );
  session.close();
  new Client(kernel);
});

test('registers that the other one has claimed are not free, and it is named', (t) => {
  using kernel = both();
  const gdb = new Client(kernel);
  gdb.ok('Z2,7000,4', 'Z2,7008,4', 'Z2,7010,4');
  gdb.raw('$c#63');
  const user = new Typist(kernel);
  user.enter();
  t.is(user.type('bd requests'), '');
  t.is(user.type('bd requests+8'), "Couldn't find free breakpoint register\n  held by kgdb");
  t.is(user.type('bi serve'), "Couldn't find free breakpoint register\n  held by kgdb");
  t.is(user.type('bc', 'bi serve'), 'All breakpoints cleared\n');
  t.regex(user.type('x'), /breakpoint 1/);
});

test('each stops at its own: one access that both watch is told to both, one after the other', (t) => {
  using kernel = both();
  const gdb = new Client(kernel);
  gdb.ok(`Z2,${DATA.toString(16)},8`);
  gdb.raw('$c#63');
  const session = kernel.get(Xmon).open();
  session.enter();
  session.line('bdw requests');
  session.line('x');
  t.is(kernel.machine.run().reason, 'suspended');
  t.is(kernel.breakpoints.debugger.inside, 'kgdb', 'its breakpoint is the older one');
  gdb.raw('$c#63');
  const { reason, output } = session.run(1000);
  t.is(reason, 'entered', 'in the same exception');
  t.regex(output, /^CPU 0x0: data breakpoint/);
  t.is(kernel.machine.count, 3);
});

test('a Ctrl-C of gdb waits until xmon lets the machine go on', (t) => {
  using kernel = both();
  const gdb = new Client(kernel);
  gdb.raw('$c#63');
  const session = kernel.get(Xmon).open();
  session.enter();
  gdb.raw('\x03');
  t.is(gdb.session.run(100), 'waiting');
  t.is(kernel.breakpoints.debugger.inside, 'xmon');
  session.line('x');
  t.is(gdb.session.run(100), 'stopped');
  t.is(kernel.breakpoints.debugger.inside, 'kgdb');
});

test('claims are seen: by listeners, by name and CPU, as they come and go', (t) => {
  using kernel = both({ cpus: 3, offline: [2] });
  const told: RegisterClaim[] = [];
  kernel.breakpoints.debugger.listen((claim) => told.push(claim));
  const user = new Typist(kernel);
  user.enter();
  t.is(kernel.breakpoints.debugger.inside, 'xmon');
  const all = (claimed: boolean): RegisterClaim[] => [0, 1].map((cpu) => ({ owner: 'xmon', cpu, claimed }));
  user.type('bd requests');
  t.deepEqual(told.splice(0), all(true));
  user.type('b serve', 'bd 1000', 'bdr requests');
  t.deepEqual(told.splice(0), [], 'neither software breakpoints nor what is refused');
  user.type('bc');
  t.deepEqual(told.splice(0), all(false));
  user.type('bi serve+4');
  t.deepEqual(told.splice(0), all(true));
  kernel.machine.setOnline(2, true);
  t.deepEqual(told.splice(0), [{ owner: 'xmon', cpu: 2, claimed: true }]);
  user.session.close();
  t.is(told.length, 3);
});

test('a CPU that comes online finds what was set, one that comes back what was set before', (t) => {
  for (const features of [{ cpu: 'power8' }, { cpu: 'power10' }] as const) {
    using kernel = ppc64Kernel(features, { cpus: 2, offline: [1] }, 1);
    const user = new Typist(kernel);
    user.enter();
    user.type('bdw requests', 'bi serve');
    kernel.machine.setOnline(1, true);
    const armed = (): number => kernel.machine.cpu(1).unit.filter.ranges.length;
    t.is(armed(), 0, 'it is muted like the others');
    user.session.line('x');
    t.is(armed(), 2);
    kernel.machine.setOnline(1, false);
    kernel.machine.setOnline(1, true);
    t.is(armed(), 2);
  }
});

test('where CIABR is another debugger’s, bi says whose', (t) => {
  using kernel = ppc64Kernel({ cpu: 'power8' });
  const claim = kernel.facet(INSTRUCTION_BREAKPOINT)?.claim('other', 0xc000_0000_0000_0000n, () => undefined);
  const user = new Typist(kernel);
  user.enter();
  t.is(user.type('bi serve'), 'EBUSY: other has CIABR; let it give it back first');
  t.is(user.type('b').split('\n').length, 1);
  claim?.release();
  t.is(user.type('bi serve'), '');
});

test('an instruction has one software breakpoint: the second debugger is told whose it is, and each keeps its own', (t) => {
  using kernel = both();
  const gdb = new Client(kernel);
  const at = TEXT.toString(16);
  gdb.ok(`Z0,${at},1`);
  gdb.raw('$c#63');
  const user = new Typist(kernel);
  user.enter();
  t.is(user.type('b serve'), `There is a breakpoint of kgdb at 0x${at} already`);
  t.true(user.session.refused);
  t.is(user.type('b'), '   type            address');
  t.is(user.type('b serve+4'), '');
  // Both stop, each at its own; neither says a word about the other's.
  t.is(user.type('x'), '', 'gdb has the machine');
  t.is(kernel.breakpoints.debugger.inside, 'kgdb');
  gdb.take();
  t.is(gdb.send(`Z0,${(TEXT + 4n).toString(16)},1`), 'E10');
  t.regex(gdb.notices.at(-1) ?? '', /a software breakpoint of xmon at 0xffffffff81000004/);
  gdb.ok(`z0,${at},1`);
  gdb.raw('$c#63');
  const { reason, output } = user.session.run(100);
  t.is(reason, 'entered');
  t.regex(output, /^CPU 0x0: breakpoint 1\n/);
  t.is(user.type('bc', 'b serve'), 'All breakpoints cleared\n');
  user.session.line('x');
  gdb.take();
  t.is(user.session.run(100).reason, 'entered', 'now it is xmon’s, and gdb knows nothing of it');
  t.is(gdb.take(), '');
});
