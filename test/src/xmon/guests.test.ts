import { x86 } from '@hwbp/arch-x86';
import { composeKernel, program } from '@hwbp/core';
import { Kvm } from '@hwbp/kvm';
import { Xmon } from '@hwbp/xmon';
import test from 'ava';
import { ppc64Pair } from '../kvm/ppc64-support.js';
import { DATA, SYMBOLS, serve, TEXT, Typist } from './support.js';

/** A partition of a host on ppc64, with xmon in both; the guest serves, 3 times. */
function partition(cpu: 'power7' | 'power8' | 'power10', guestCpu = cpu) {
  const pair = ppc64Pair({
    features: { cpu },
    guestFeatures: { cpu: guestCpu },
    host: { plugins: [Kvm, Xmon] },
    guest: { plugins: [Xmon], symbols: SYMBOLS },
  });
  pair.guest.machine.physical.allocate();
  pair.guest.machine.spawn(
    program(() => serve(TEXT, DATA, 3)),
    { comm: 'server', mode: 'kernel' },
  );
  return pair;
}

for (const cpu of ['power7', 'power8', 'power10'] as const) {
  test(`in a partition on ${cpu}: the registers by hypercall, CIABR too, and an access that hits again`, (t) => {
    using pair = partition(cpu);
    const user = new Typist(pair.guest);
    user.enter();
    const bi = user.type('bi serve+c');
    t.is(bi, cpu === 'power7' ? 'Hardware instruction breakpoint not supported on this cpu' : '');
    user.type('bdw requests');
    for (let i = 0; i < 3; i++) t.regex(user.type('x'), /data breakpoint .*\n {4}pc: c000000000100008/);
    t.regex(user.type('s'), /stepped\n {4}pc: c00000000010000c/);
    if (cpu !== 'power7') t.regex(user.type('x'), /behind c00000000010000c/);
    t.is(user.type('bc', 'b serve'), 'All breakpoints cleared\n');
    t.regex(user.type('x'), /breakpoint 1\n {4}pc: c000000000100000/);
    user.type('bc', 'x');
    t.is(user.reason, 'idle');
    t.is(pair.guest.machine.kernelMemory.readInteger(DATA, 8), 3n);
  });
}

test('a partition whose host has no CIABR is told so', (t) => {
  using pair = partition('power7', 'power8');
  const user = new Typist(pair.guest);
  user.enter();
  t.is(user.type('bi serve'), 'ENODEV: the hypervisor does not let this partition use CIABR');
  t.is(user.type('b').split('\n').length, 1);
});

test('xmon in the host stops the guests, and does not stop in them', (t) => {
  using pair = partition('power8');
  const { host, guest } = pair;
  const user = new Typist(host);
  user.enter();
  user.type(`bi ${TEXT.toString(16)}`, `bdw ${DATA.toString(16)}`);
  t.is(guest.machine.run(100).instructions, 0, 'the host has stopped the world');
  t.is(user.type('x'), '', 'instructions and data of a guest at these addresses are not its own');
  t.is(user.reason, 'idle');
  t.is(guest.machine.kernelMemory.readInteger(DATA, 8), 3n);
});

test('x86: the host’s and the guest’s xmon each have what they set', (t) => {
  const text = 0xffff_ffff_8100_0000n;
  using host = composeKernel({ arch: x86(), strict: true, plugins: [Kvm, Xmon] });
  const vm = host.get(Kvm).createVm();
  using guest = composeKernel({ arch: x86(), strict: true, plugins: [Xmon], hardware: vm.hardware });
  const code = program([0n, 4n, 8n, 12n].map((offset) => ({ pc: text + offset, length: 4 })));
  guest.machine.spawn(code, { mode: 'kernel', comm: 'guest' });
  host.machine.spawn(code, { mode: 'kernel', comm: 'host' });
  const [outer, inner] = [new Typist(host), new Typist(guest)];
  outer.enter();
  outer.type(`bi ${(text + 4n).toString(16)}`);
  outer.session.line('x');
  inner.enter();
  inner.type(`bi ${(text + 8n).toString(16)}`);
  inner.session.line('x');
  // A guest that is stopped by its own debugger stops the run of its host, which is told.
  const told: string[] = [];
  for (let i = 0; i < 10 && !(inner.session.inside && told.some((text_) => text_.includes('breakpoint'))); i++) {
    told.push(outer.session.run(1000).output);
    if (outer.session.inside) outer.session.line('x');
  }
  t.true(told.some((text_) => /breakpoint 1\n {4}pc: ffffffff81000004\n {2}task: host/.test(text_)));
  t.true(inner.session.inside);
  t.regex(inner.session.line('e'), /breakpoint 1\n {4}pc: ffffffff81000008\n {2}task: guest/);
  inner.session.close();
  outer.session.close();
  host.machine.run();
  t.is(guest.machine.tasks.size, 0);
});
