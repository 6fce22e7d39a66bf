import { X86DebugUnit } from '@hwbp/arch-x86';
import {
  type Cpu,
  HW_BREAKPOINT_RW,
  HW_BREAKPOINT_W,
  type Kernel,
  KernelError,
  program,
  type RegisterClaim,
  type Task,
} from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import test from 'ava';
import { Client, kernelWith } from './client.js';
import { data, lines, spawnCounters, store, text } from './programs.js';

const at = (address: bigint): string => address.toString(16);

/** DR0-DR3 and DR7 of a CPU; 0 for one that is not enabled, whatever address is left in it. */
function registers({ unit }: Cpu): string {
  if (!(unit instanceof X86DebugUnit)) throw new Error('no x86 debug unit');
  const { control } = unit;
  const addresses = [0, 1, 2, 3].map((n) => (((control >> (2 * n)) & 3) === 0 ? '0' : at(unit.address(n))));
  return [...addresses, control.toString(16)].join(' ');
}

const all = (kernel: Kernel): string[] => kernel.machine.cpus.map(registers);
const DISARMED = '0 0 0 0 400';

test('entering disarms every CPU, leaving arms exactly what was armed, and what was registered meanwhile', (t) => {
  using kernel = kernelWith({ cpus: 3 });
  const [task] = spawnCounters(kernel, 3);
  if (task === undefined) return t.fail();
  kernel.machine.run(10);
  const { breakpoints } = kernel;
  const nothing = (): void => {};
  breakpoints.registerWide({ bp_type: HW_BREAKPOINT_W, bp_addr: 0x5000n, bp_len: 8 }, nothing);
  breakpoints.registerUser({ bp_type: HW_BREAKPOINT_RW, bp_addr: 0x6000n, bp_len: 2 }, nothing, task);
  const before = all(kernel);
  t.is(new Set(before).size, 2, 'the CPUs differ');
  const gdb = new Client(kernel);
  t.deepEqual(all(kernel), [DISARMED, DISARMED, DISARMED]);
  t.is(breakpoints.debugger.inside, 'kgdb');
  gdb.ok('Z2,7000,4');
  const fresh = breakpoints.registerCpu({ bp_type: HW_BREAKPOINT_W, bp_addr: 0x8000n, bp_len: 1 }, nothing, 1);
  t.deepEqual(all(kernel), [DISARMED, DISARMED, DISARMED]);
  gdb.raw('$c#63');
  t.deepEqual(
    all(kernel).map((text_) =>
      text_
        .split(' ')
        .filter((word) => ['5000', '6000', '7000', '8000'].includes(word))
        .join(),
    ),
    ['5000,6000,7000', '5000,7000,8000', '5000,7000'],
  );
  gdb.raw('\x03');
  gdb.session.run(1);
  breakpoints.unregister(fresh);
  gdb.ok('z2,7000,4');
  t.deepEqual(all(kernel), [DISARMED, DISARMED, DISARMED]);
  gdb.raw('$D#44');
  t.deepEqual(all(kernel), before);
  t.is(breakpoints.debugger.inside, undefined);
});

test('inside an exception in kernel mode too: after leaving, every CPU is armed as its software copy says', (t) => {
  using kernel = kernelWith();
  kernel.machine.spawn(lines([{ accesses: [store(0x1000n)] }, {}, {}]), { mode: 'kernel' });
  const gdb = new Client(kernel);
  gdb.ok('Z2,1000,4');
  gdb.go();
  t.deepEqual(all(kernel), [DISARMED, DISARMED]);
  gdb.go('s');
  gdb.raw('$D#44');
  t.deepEqual(all(kernel), [DISARMED, DISARMED], 'the debugger has taken its watch with it');
  t.is(kernel.machine.run().reason, 'idle');
});

test('others can ask who has claimed registers, and are told when that changes', (t) => {
  using kernel = kernelWith();
  const told: RegisterClaim[] = [];
  const end = kernel.breakpoints.debugger.listen((claim) => told.push(claim));
  const gdb = new Client(kernel);
  gdb.ok('Z2,1000,4');
  t.deepEqual(told.splice(0), [
    { owner: 'kgdb', cpu: 0, claimed: true },
    { owner: 'kgdb', cpu: 1, claimed: true },
  ]);
  t.deepEqual(
    kernel.breakpoints.debugger.claims.map(({ breakpoint: { owner, cpu } }) => `${owner} ${cpu}`),
    ['kgdb 0', 'kgdb 1'],
  );
  gdb.raw('$D#44');
  t.deepEqual(told.splice(0), [
    { owner: 'kgdb', cpu: 0, claimed: false },
    { owner: 'kgdb', cpu: 1, claimed: false },
  ]);
  end();
  new Client(kernel).ok('Z2,1000,4');
  t.deepEqual(told, []);
});

test('one debugger at a time: in a kernel, and inside the breakpoint layer', (t) => {
  using kernel = kernelWith();
  const gdb = new Client(kernel);
  const error = t.throws(() => new Client(kernel), { instanceOf: KernelError });
  t.deepEqual([error?.code, error?.errno], ['KGDB_ATTACHED', 'EBUSY']);
  const inside = t.throws(() => kernel.breakpoints.debugger.enter('other'), { instanceOf: KernelError });
  t.is(inside?.code, 'HWBP_DEBUGGER_INSIDE');
  gdb.raw('$D#44');
  kernel.breakpoints.debugger.enter('other');
  kernel.breakpoints.debugger.leave();
  t.false(gdb.session.open);
  new Client(kernel);
});

for (const [how, end] of [
  ['D', (gdb: Client) => gdb.raw('$D#44')],
  ['D;1', (gdb: Client) => gdb.raw('$D;1#b0')],
  ['k', (gdb: Client) => gdb.raw('$k#6b')],
  ['vKill', (gdb: Client) => gdb.raw('$vKill;1#6e')],
  ['a connection that drops', (gdb: Client) => gdb.session.close()],
  ['a connection that drops while it runs', (gdb: Client) => gdb.raw('$c#63') + String(gdb.session.close())],
  ['the consumer that stops', (_gdb: Client, kernel: Kernel) => kernel.get(Kgdb).stop()],
] as const) {
  test(`letting go by ${how}: everything is given back, hits go unseen, and the next debugger finds a fresh target`, (t) => {
    using kernel = kernelWith();
    spawnCounters(kernel, 2);
    const { size } = kernel.machine.dieChain;
    const hooks = (): number[] => Object.values(kernel.machine.hooks).map((hook: { size: number }) => hook.size);
    const before = hooks();
    const gdb = new Client(kernel);
    gdb.ok(`Z2,${at(data())},4`, `Z1,${at(text(1))},1`, `Z0,${at(text())},1`);
    gdb.go();
    const answer = end(gdb, kernel);
    if (how === 'k') t.is(answer, '', 'k is not answered');
    t.false(gdb.session.open);
    t.is(kernel.breakpoints.isUsed, false);
    t.is(kernel.machine.planted.size, 0);
    t.is(kernel.machine.dieChain.size, size);
    t.deepEqual(hooks(), before);
    t.deepEqual(
      all(kernel).map((values) => values.split(' ').at(-1)),
      ['400', '400'],
    );
    t.is(kernel.machine.run(1000).reason, 'budget', 'it runs on, past what was watched');
    t.is(gdb.raw('$g#67'), '', 'nothing is answered any more');
    if (how.startsWith('the consumer')) return;
    const next = new Client(kernel);
    t.regex(next.stop('?'), /^T05thread:1;$/);
  });
}

test('? removes what is there, as in Linux', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  gdb.ok(`Z2,${at(data())},4`, `Z0,${at(text())},1`);
  gdb.send('?');
  t.is(gdb.stop('c', 1000), 'running');
  t.is(kernel.breakpoints.isUsed, false);
});

test('Ctrl-C stops between two instructions, with SIGINT; while it stands still nobody minds', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 2);
  const gdb = new Client(kernel);
  t.is(gdb.raw('\x03'), '');
  gdb.raw('$c#63');
  gdb.session.run(1000);
  t.is(gdb.raw('$g#67'), '', 'while it runs, packets are dropped');
  t.is(gdb.raw('\x03'), '');
  t.is(gdb.session.run(1000), 'stopped');
  t.regex(gdb.take(), /T02.*thread:1;/);
  t.is(gdb.stop('c', 1000), 'running', 'the Ctrl-C of before is forgotten');
});

test('a kernel that stops by itself says why', (t) => {
  using kernel = kernelWith({ handlerErrors: 'stop' });
  const [task] = spawnCounters(kernel, 1);
  if (task === undefined) return t.fail();
  const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: data(), bp_len: 4 };
  const clumsy = (): void => {
    throw new Error('planted');
  };
  kernel.breakpoints.registerUser(attr, clumsy, task, { owner: 'clumsy' });
  const gdb = new Client(kernel);
  t.is(gdb.stop(), 'T05thread:1;');
  t.regex(gdb.notices.at(-1) ?? '', /the kernel stopped: the handler of clumsy's breakpoint .* threw/);
});

test('the end of the program is told, and nothing can be asked of it afterwards', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  const task: Task = kernel.machine.spawn(
    program(function* () {
      yield { pc: text(), length: 4 };
      kernel.machine.exit(task, { code: 3 });
    }),
  );
  const gdb = new Client(kernel);
  t.is(gdb.stop(), 'W03');
  t.true(gdb.session.ended);
  for (const packet of ['g', 'm1000,4', 'c', 's', 'vCont;c']) t.is(gdb.send(packet), 'E03', packet);
  t.is(gdb.send('?'), 'W03');
  t.is(gdb.send('qC'), '');
  gdb.session.close();
  t.is(new Client(kernel).send('?'), 'W00', 'who comes too late hears that it is over');
});

test('the driver of a CPU keeps its software copy while the hardware is disarmed', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  const gdb = new Client(kernel);
  gdb.ok('Z2,1000,4');
  const claim = kernel.breakpoints.debugger.claims[0];
  t.is(claim?.breakpoint.state, 'active');
  t.is(registers(kernel.machine.cpu(0)), DISARMED);
});
