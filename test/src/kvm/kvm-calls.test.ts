import { KVM_GUESTDBG_ENABLE, KVM_GUESTDBG_USE_HW_BP, type X86GuestDebug } from '@hwbp/arch-x86';
import { type Instruction, type ProgramFactory, program } from '@hwbp/core';
import test from 'ava';
import { DATA, type Pair, pair, store, stores, writes } from './support.js';

/*
 * KVM's calls on a guest that is a kernel, between two runs of its host: its virtual CPU may be on a physical one then,
 * which nobody can see who makes them.
 */

const KERNEL = 0xffff_ffff_8110_0000n;
const OTHER = DATA + 64n;
/** DR7: a write watch of 8 bytes in register 0, and the bit that is always there. */
const WATCH = 0x9_0402n;

/** Uses a register itself, idles for a while, and stores to {@link OTHER}. */
const using: ProgramFactory = program(function* (): Generator<Instruction, void> {
  yield { pc: KERNEL, length: 3, control: { register: 'dr3', value: 0x1234n } };
  for (let i = 0; i < 100; i++) yield { pc: KERNEL + 3n, length: 1, next: KERNEL + 3n };
  for (let i = 0; i < 3; i++) yield store(OTHER, 1n, KERNEL + 4n);
});

function inside({ host, guest, vm }: Pair): X86GuestDebug {
  const [vcpu] = vm.vcpus;
  while (vcpu?.entered !== true || guest.machine.count < 10) host.machine.run(1);
  return vcpu.debug as X86GuestDebug;
}

test('KVM_GET_DEBUGREGS shows what a guest has that uses the registers itself; KVM_SET_DEBUGREGS is not overwritten', (t) => {
  using p = pair();
  const hits: number[] = [];
  p.guest.breakpoints.registerCpu(writes(), () => void hits.push(p.guest.machine.count), 0);
  p.guest.machine.spawn(using, { mode: 'kernel' });
  const debug = inside(p);
  const [stats] = p.vm.vcpus.map((vcpu) => vcpu.stats);
  const regs = debug.getDebugRegs();
  t.deepEqual(regs.db, [DATA, 0n, 0n, 0x1234n]);
  t.deepEqual(p.vm.vcpus[0]?.stats, stats, 'looking changes nothing');
  debug.setDebugRegs({ ...regs, db: [OTHER, 1n, 2n, 3n] });
  t.deepEqual(debug.getDebugRegs().db, [OTHER, 1n, 2n, 3n]);
  p.host.machine.run();
  // Its kernel does not know of that, and writes its own registers behind the first.
  t.like(p.vm.vcpus[0]?.stats.exits, { db: 1 });
});

test('KVM_SET_GUEST_DEBUG counts from the very next instruction', (t) => {
  const exits: string[] = [];
  using p = pair({ vm: { exit: ({ reason }) => void exits.push(reason) } });
  p.guest.machine.spawn(stores(50));
  const debug = inside(p);
  const left = 50 - p.guest.machine.count;
  const debugreg = [DATA, 0n, 0n, 0n, 0n, 0n, 0n, WATCH];
  debug.setGuestDebug(p.guest.machine.cpu(0), KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, debugreg);
  p.host.machine.run();
  t.deepEqual(exits, Array(left).fill('debug'));
});
