import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { composeKernel, ERRNO, NOTIFY_DONE, NOTIFY_STOP, program, TARGET_DESCRIPTION } from '@hwbp/core';
import { DebuggedHardware } from '@hwbp/kgdb';
import { Kvm } from '@hwbp/kvm';
import test, { type ExecutionContext } from 'ava';
import { littleEndian } from '../kgdb/client.js';
import { GuestClient, OTHER, type Scene, scene, textOf, VAR } from './debugged-guest.js';
import { DATA, nop, stores, writes } from './support.js';

const hex = (address: bigint): string => address.toString(16);
const pcOf = ({ vm }: Scene, vcpu: number): bigint => vm.hardware.cpu(vcpu).context.pc;

/** Lets a scene run to its end; what its guest and its host have seen. */
function finish({ host, guest, log, hostHits }: Scene) {
  host.machine.run();
  return { lines: log.lines, hits: log.hits, control: log.control, hostHits, value: read(guest) };
}

const read = (guest: Scene['guest']): bigint => guest.machine.kernelMemory.readInteger(VAR, 8);

function stopsAt(t: ExecutionContext, made: Scene, vcpu: number, offset: number, answer: string, wanted: RegExp) {
  t.regex(answer, wanted);
  t.is(hex(pcOf(made, vcpu)), hex(textOf(vcpu) + BigInt(offset)));
}

test('gdb’s packets on a guest: watch, hardware and software breakpoints, steps, registers, memory', (t) => {
  using made = scene();
  const gdb = new GuestClient(made);
  t.is(made.vm.debugger.owner, 'gdb');
  stopsAt(t, made, 0, 4, gdb.ask('s'), /^T05thread:1;core:0;$/);
  stopsAt(t, made, 0, 8, gdb.ask('vCont;s:1'), /^T05thread:1;/);
  t.is(gdb.ask(`Z2,${hex(VAR)},8`), 'OK');
  stopsAt(t, made, 0, 12, gdb.ask('c'), /^T05watch:ffffffff82a05000;thread:1;/);
  t.is(littleEndian(gdb.ask(`m${hex(VAR)},8`)), 1n);
  t.is(littleEndian(gdb.ask('p0')), 1n, 'rax');
  stopsAt(t, made, 0, 12, gdb.ask('c'), /^T05watch:/);
  t.is(littleEndian(gdb.ask(`m${hex(VAR)},8`)), 2n);
  t.is(gdb.ask(`z2,${hex(VAR)},8`), 'OK');
  t.is(gdb.ask(`Z4,${hex(VAR)},8`), 'OK');
  stopsAt(t, made, 0, 8, gdb.ask('c'), /^T05awatch:/);
  t.is(gdb.ask(`z4,${hex(VAR)},8`), 'OK');
  t.is(gdb.ask(`Z1,${hex(textOf(0) + 8n)},1`), 'OK');
  for (let round = 0; round < 3; round++) stopsAt(t, made, 0, 8, gdb.ask('c'), /^T05hwbreak:;/);
  t.is(gdb.ask(`z1,${hex(textOf(0) + 8n)},1`), 'OK');
  t.is(gdb.ask(`Z0,${hex(textOf(0) + 4n)},1`), 'OK');
  for (let round = 0; round < 3; round++) stopsAt(t, made, 0, 4, gdb.ask('c'), /^T05swbreak:;/);
  t.is(gdb.ask(`z0,${hex(textOf(0) + 4n)},1`), 'OK');
  t.is(gdb.ask(`M${hex(VAR)},8:e803000000000000`), 'OK');
  t.is(gdb.ask('D'), 'OK');
  t.is(made.vm.debugger.owner, undefined);
  const { value } = finish(made);
  t.is(value, 1000n + BigInt(made.log.control.length - 8), 'the guest counts on from what was written');
  t.deepEqual(made.hostHits.length, 3);
});

test('the guest reads its own DR7, and its own breakpoints work again once the debugger has let go', (t) => {
  using made = scene({ own: true });
  const gdb = new GuestClient(made);
  t.is(gdb.ask(`Z2,${hex(VAR)},8`), 'OK');
  for (let round = 0; round < 5; round++) t.regex(gdb.ask('c'), /^T05watch:/);
  t.deepEqual(made.log.hits, [], 'KVM loads the debugger’s registers, and not the guest’s');
  const own = made.log.control[0] ?? 0n;
  t.not(own & 3n, 0n, 'its own breakpoint is enabled, as its kernel has set it');
  t.deepEqual([...new Set(made.log.control)], [own]);
  t.is(gdb.ask('D'), 'OK');
  const { hits, control, hostHits } = finish(made);
  t.is(hits.length, 20 - 4, 'every round but the four that were over');
  t.deepEqual([...new Set(control)], [own]);
  t.is(hostHits.length, 3, 'the host’s watch at the same address counts the host’s own stores');
});

test('while the debugger has nothing in a register, the guest’s own breakpoints go on', (t) => {
  using made = scene({ own: true });
  const gdb = new GuestClient(made);
  t.is(gdb.ask(`Z0,${hex(textOf(0))},1`), 'OK');
  for (let round = 0; round < 6; round++) t.regex(gdb.ask('c'), /^T05swbreak:;/);
  t.is(gdb.ask(`z0,${hex(textOf(0))},1`), 'OK');
  t.is(gdb.ask('D'), 'OK');
  t.true(finish(made).hits.length >= 15);
});

test('a guest that is only watched executes the same instructions at the same times', (t) => {
  using plain = scene({ looks: false });
  const expected = finish(plain);
  using watched = scene({ looks: false });
  const gdb = new GuestClient(watched);
  t.is(gdb.ask(`Z2,${hex(VAR)},8`), 'OK');
  let stops = 0;
  while (/^T05watch/.test(gdb.ask('c'))) stops++;
  t.is(stops, 20);
  t.deepEqual(watched.log.lines, expected.lines);
  t.is(read(watched.guest), expected.value);
  t.deepEqual(watched.hostHits, expected.hostHits);
});

test('the guest’s time stands still while its debugger has it', (t) => {
  using made = scene({ looks: false });
  const gdb = new GuestClient(made);
  gdb.ask(`Z2,${hex(VAR)},8`);
  gdb.ask('c');
  const { clock } = made.vm.hardware.cpu(0);
  const { now } = clock;
  made.host.machine.run(1000);
  t.is(clock.now, now);
  t.is(made.hostHits.length, 3, 'the host has gone on');
  t.is(made.vm.debugger.halted, true);
  gdb.ask('c');
  t.is(clock.now - now, 3000, 'three instructions');
});

test('threads are virtual CPUs: all stop at once, one can go on alone', (t) => {
  using made = scene({ vcpus: 2, rounds: 2000 });
  const gdb = new GuestClient(made);
  t.is(gdb.ask('qfThreadInfo'), 'm1,2');
  gdb.ask(`Z1,${hex(textOf(1) + 8n)},1`);
  stopsAt(t, made, 1, 8, gdb.ask('c'), /^T05hwbreak:;thread:2;core:1;/);
  const before = pcOf(made, 0);
  gdb.ask(`z1,${hex(textOf(1) + 8n)},1`);
  for (let steps = 0; steps < 3; steps++) t.regex(gdb.ask('vCont;s:2'), /^T05thread:2;/);
  t.is(pcOf(made, 0), before, 'the other one waits');
  t.is(gdb.ask('Hg1'), 'OK');
  t.regex(gdb.ask('vCont;s:1;c'), /^T05thread:1;/);
  gdb.ask('D');
  t.is(finish(made).hostHits.length, 3);
});

// As a native gdb on x86-64 has it: see kgdb/one-stop.test.ts.
test('one access that hits two points is one stop', (t) => {
  using made = scene();
  const gdb = new GuestClient(made);
  gdb.ask(`Z2,${hex(VAR)},8`);
  gdb.ask(`Z2,${hex(VAR + 4n)},4`);
  t.regex(gdb.ask('c'), /^T05watch:ffffffff82a05000;/);
  const first = pcOf(made, 0);
  const controls = made.log.control.length;
  t.regex(gdb.ask('c'), /^T05watch:ffffffff82a05000;/, 'the next store to it, of the loop');
  t.is(pcOf(made, 0), first);
  t.true(made.log.control.length > controls, 'the loop has gone round once');
  gdb.ask('D');
});

test('five watches are one too many, and the reason is told', (t) => {
  using made = scene();
  const gdb = new GuestClient(made);
  for (let i = 0n; i < 4n; i++) t.is(gdb.ask(`Z2,${hex(VAR + 8n * i)},8`), 'OK');
  t.is(gdb.ask(`Z2,${hex(OTHER)},8`), `E${ERRNO.ENOSPC.toString(16)}`);
  t.regex(gdb.notices.at(-1) ?? '', /all 4 debug registers of x86 are taken by this debugger/);
  gdb.ask('D');
});

test('Ctrl-C stops a guest that runs, and one that waits for an interrupt', (t) => {
  using made = scene();
  const gdb = new GuestClient(made);
  t.is(gdb.ask('c'), 'running', 'to its end, where it waits');
  t.regex(gdb.interrupt(), /^T02thread:1;/);
  t.regex(gdb.ask('s'), /^T05thread:1;/, 'nothing can be stepped there: it stands where it stood');
  gdb.ask('D');
});

test('a second debugger is told who has the guest; a guest that has ended cannot be had', (t) => {
  using made = scene();
  const gdb = new GuestClient(made);
  const error = t.throws(() => new GuestClient(made), { code: 'KVM_DEBUGGED' });
  t.regex(error?.message ?? '', /gdb debugs the guest 'guest' already; let it detach first/);
  gdb.session.close();
  t.is(made.vm.debugger.owner, undefined, 'a connection that drops lets go');
  const other = new GuestClient(made);
  made.vm[Symbol.dispose]();
  t.is(other.ask('c'), 'W00');
  t.true(other.session.ended);
  other.session.close();
  t.throws(() => new GuestClient(made), { code: 'KVM_ENDED' });
  t.true(made.debuggable instanceof DebuggedHardware && made.debuggable.over);
});

test('without a debugger nothing stops or watches the guest from outside; what is wrong is named', (t) => {
  using made = scene();
  const { debugger: outside } = made.vm;
  const calls = [
    () => outside.halt(),
    () => outside.resume(),
    () => outside.claim(writes(VAR)),
    () => outside.plant(textOf(0)),
  ];
  for (const call of calls) t.throws(call, { code: 'KVM_NOT_DEBUGGED', message: /attach/ });
  outside.attach({ name: 'me', stopped() {} });
  t.throws(() => outside.resume({ step: 1 }), {
    instanceOf: TypeError,
    message: /step is the number of a virtual CPU, 0 to 0/,
  });
  t.throws(() => outside.resume({ cpus: [2] }), { instanceOf: TypeError, message: /cpus is a list of virtual CPUs/ });
  t.throws(() => outside.plant(4 as never), { instanceOf: TypeError, message: /address/ });
  outside.detach();
  made.host.machine.run();
  t.is(made.hostHits.length, 3);
});

test('software breakpoints that the guest has itself reach its own kernel, and not the debugger', (t) => {
  using made = scene({ rounds: 1 });
  const { guest } = made;
  const told: bigint[] = [];
  guest.machine.dieChain.register(({ event, cpu }) => {
    if (event !== 'breakpoint') return NOTIFY_DONE;
    told.push(cpu.pc);
    return NOTIFY_STOP;
  }, 1);
  guest.machine.spawn(program([{ pc: 0x40_0000n, length: 1, trap: 'breakpoint' }, nop(0x40_0001n)]));
  const gdb = new GuestClient(made);
  gdb.ask(`Z0,400001,1`);
  t.regex(gdb.ask('c'), /^T05swbreak/);
  t.is(pcOf(made, 0), 0x40_0001n);
  t.deepEqual(told, [0x40_0000n]);
  gdb.ask('D');
  made.host.machine.run();
  t.deepEqual(told, [0x40_0000n]);
});

test('a step that the guest’s kernel interrupts leaves no trap flag behind', (t) => {
  using made = scene({ rounds: 100 });
  const { guest } = made;
  guest.machine.spawn(stores(100), { comm: 'other' });
  let traps = 0;
  guest.machine.dieChain.register(({ event }) => {
    if (event === 'debug') traps++;
    return NOTIFY_DONE;
  }, 1);
  const gdb = new GuestClient(made);
  for (let step = 0; step < 40; step++) {
    t.regex(gdb.ask('s'), /^T05thread:1;/);
    if (step % 7 === 3) guest.machine.schedule(0);
  }
  gdb.ask('D');
  made.host.machine.run();
  t.is(traps, 0);
  t.is(guest.machine.tasks.size, 0);
  t.is(read(guest), 100n);
});

test('on POWER a watch stops the guest before its store, once, and the store happens behind it', (t) => {
  using host = composeKernel({ arch: ppc64(), strict: true, plugins: [Kvm] });
  const vm = host.get(Kvm).createVm({ name: 'lpar' });
  using guest = composeKernel({ arch: ppc64(), strict: true, hardware: vm.hardware });
  guest.machine.spawn(stores(5));
  const description = host.facet(TARGET_DESCRIPTION);
  if (description === undefined) throw new TypeError('POWER describes its registers');
  const gdb = new GuestClient({ debuggable: new DebuggedHardware(vm.debugger, description) });
  t.is(gdb.ask(`Z2,${hex(DATA)},8`), 'OK');
  const stored: bigint[] = [];
  while (/^T05watch:/.test(gdb.ask('c'))) stored.push(vm.hardware.cpu(0).mmu.at(DATA).readInteger(DATA, 8));
  t.deepEqual(stored, [0n, 0n, 1n, 2n, 3n]);
  gdb.interrupt();
  t.is(gdb.ask('D'), 'OK');
});

test('a guest’s guest is debugged like a guest, with its host’s and its host’s host’s own watches around it', (t) => {
  using made = scene({ rounds: 1 });
  const inner = composeKernel({ arch: x86(), strict: true, plugins: [Kvm], hardware: made.kvm.createVm().hardware });
  const hits: bigint[] = [];
  inner.breakpoints.registerCpu(writes(DATA), ({ ip }) => void hits.push(ip), 0);
  const vm = inner.get(Kvm).createVm({ name: 'inner' });
  using innermost = composeKernel({ arch: x86(), strict: true, hardware: vm.hardware });
  innermost.machine.spawn(stores(5));
  const description = inner.facet(TARGET_DESCRIPTION);
  if (description === undefined) throw new TypeError('x86 describes its registers');
  const gdb = new GuestClient({ debuggable: new DebuggedHardware(vm.debugger, description) });
  t.is(gdb.ask(`Z2,${hex(DATA)},8`), 'OK');
  let stops = 0;
  while (/^T05watch:/.test(gdb.ask('c'))) stops++;
  t.is(stops, 5);
  t.regex(gdb.interrupt(), /^T02/);
  t.regex(gdb.ask('s'), /^T05/);
  t.is(gdb.ask('D'), 'OK');
  t.deepEqual(hits, []);
  inner.dispose();
});
