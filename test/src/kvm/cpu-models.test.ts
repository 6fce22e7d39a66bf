import {
  KVM_GUESTDBG_ENABLE,
  KVM_GUESTDBG_SINGLESTEP,
  KVM_GUESTDBG_USE_HW_BP,
  type X86GuestDebug,
  type X86ModelName,
  x86,
} from '@hwbp/arch-x86';
import { type DebugExit, type Instruction, type Loaded, program } from '@hwbp/core';
import test from 'ava';
import { nop, type Pair, pair, TEXT } from './support.js';

/*
 * What differs between CPU models (spec 9.3, 9.8; FINDINGS 17, 25): general detect against the intercept, and what an
 * exit leaves in DR6.
 */

const KERNEL = 0xffff_ffff_8110_0000n;
const GD = 0x2400n;
const MODELS: readonly X86ModelName[] = ['generic', 'amd', 'amd-2007', 'intel'];

const read = { pc: KERNEL, length: 3, control: { register: 'dr0' } } as const;

/** A host and a guest on one model, in a slice of which `control` debugs the guest, DR7 with general detect. */
function debugged(model: X86ModelName, control: number, own: bigint | undefined) {
  const exits: DebugExit[] = [];
  const reads: Loaded[] = [];
  const made = pair({
    host: { arch: x86({ model }) },
    guest: { arch: x86({ model }) },
    vm: { exit: (exit) => void (exit.reason === 'debug' && exits.push(exit)) },
  });
  let told = 0;
  made.guest.machine.dieChain.register(({ status }) => {
    if ((status & 0x2000) === 0) return 'done';
    told++;
    return 'stop';
  }, 1000);
  made.guest.machine.spawn(
    program(function* (): Generator<Instruction, void, Loaded> {
      if (own !== undefined) yield { pc: KERNEL + 16n, length: 3, control: { register: 'dr7', value: own } };
      reads.push(yield read);
      yield nop(KERNEL + 3n);
    }),
    { mode: 'kernel' },
  );
  const debugreg = [0n, 0n, 0n, 0n, 0n, 0n, 0n, GD];
  debugOf(made).setGuestDebug(made.guest.machine.cpu(0), KVM_GUESTDBG_ENABLE | control, debugreg);
  return { made, exits, reads, told: () => told, [Symbol.dispose]: () => made[Symbol.dispose]() };
}

for (const model of MODELS) {
  test(`${model}: general detect of a debugger outside exits before the access (selftest debug_regs, 5)`, (t) => {
    using one = debugged(model, KVM_GUESTDBG_USE_HW_BP, undefined);
    const { host, guest } = one.made;
    while (one.exits.length === 0 && one.reads.length === 0) host.machine.run(1);
    const [exit] = one.exits;
    t.is(exit?.pc, KERNEL);
    t.deepEqual(exit?.registers, { dr6: 0xffff_2ff0n, dr7: model === 'intel' ? GD : 0x400n });
    t.is(one.told(), 0);
    debugOf(one.made).setGuestDebug(guest.machine.cpu(0), 0, []);
    host.machine.run();
    t.deepEqual(one.reads, [[0n]]);
    t.is(one.exits.length, 1);
  });

  test(`${model}: what the single step of a guest leaves in DR6`, (t) => {
    using p = pair({
      host: { arch: x86({ model }), strict: false },
      guest: { arch: x86({ model }) },
    });
    const task = p.guest.machine.spawn(program([nop(), nop(TEXT + 1n), nop(TEXT + 2n)]));
    task.context.singleStep = true;
    const [vcpu] = p.vm.vcpus;
    while (vcpu?.stats.exits.db === undefined) p.host.machine.run(1);
    const left = model === 'intel' ? 0xffff_0ff0 : 0xffff_4ff0;
    t.is(status(p), left);
  });
}

test("intel: general detect of the guest's own is the guest's, and whoever steps it is not told", (t) => {
  using one = debugged('intel', KVM_GUESTDBG_SINGLESTEP, GD);
  one.made.host.machine.run();
  t.is(one.told(), 1);
  t.deepEqual(one.reads, [[0n]]);
  for (const { registers } of one.exits) t.like(registers, { dr6: 0xffff_4ff0n });
});

const debugOf = ({ vm }: Pair) => vm.vcpus[0]?.debug as X86GuestDebug;
const status = ({ host }: Pair): unknown => (host.machine.cpu(0).unit as { status?: number }).status;
