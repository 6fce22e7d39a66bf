import { type X86GuestDebug, x86 } from '@hwbp/arch-x86';
import { composeKernel, HW_BREAKPOINT_W, type Instruction, type Kernel, program } from '@hwbp/core';
import { Kvm } from '@hwbp/kvm';
import { inLoads, unit } from './access-path.js';
import { alternate, nanoseconds, ratio, sink } from './measure.js';
import type { Row } from './row.js';

const ENTRIES = 5000;
const INSTRUCTIONS = 20_000;
/** DR7 with one write watch of 8 bytes, as Linux sets it. */
const ARMED = 0x9_0602n;
const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: 0x1000n, bp_len: 8 } as const;

/** Enters and leaves, and nothing in between. */
function entries(armed: { readonly host?: boolean; readonly guest?: boolean }): () => void {
  const host = composeKernel({ arch: x86(), plugins: [Kvm] });
  if (armed.host) host.breakpoints.registerCpu(attr, () => {}, 0);
  const [vcpu] = host.get(Kvm).createVm({ start: false }).vcpus;
  if (vcpu === undefined) throw new Error('a virtual machine without a CPU');
  if (armed.guest) {
    const debug = vcpu.debug as X86GuestDebug;
    debug.setDebugRegs({ db: [0x2000n, 0n, 0n, 0n], dr6: 0xffff_0ff0n, dr7: ARMED, flags: 0n });
  }
  const cpu = host.machine.cpu(0);
  return () => {
    for (let i = 0; i < ENTRIES; i++) {
      vcpu.enterOn(cpu, undefined);
      vcpu.leave();
      vcpu.log.owed.length = 0;
    }
  };
}

function* endless(): Generator<Instruction, void> {
  const store = { kind: 'write', address: 0x8000n, size: 8, value: 1n } as const;
  const block: readonly Instruction[] = [
    { pc: 0x40_0000n, length: 4, accesses: [store] },
    { pc: 0x40_0004n, length: 4 },
    { pc: 0x40_0008n, length: 4, next: 0x40_0000n },
  ];
  for (;;) yield* block;
}

/** Executes instructions, some of which store, with one breakpoint armed that is not hit. */
function executing(machine: Kernel, breakpoints: Kernel['breakpoints']): () => void {
  const task = machine.machine.spawn(program(endless));
  breakpoints.registerUser(attr, () => {}, task);
  return () => {
    sink.value += machine.machine.run(INSTRUCTIONS).instructions;
  };
}

/** A kernel as a guest, `depth` deep. */
function guest(depth: number): Kernel {
  let kernel = composeKernel({ arch: x86(), plugins: [Kvm] });
  for (let level = 0; level < depth; level++) {
    kernel = composeKernel({ arch: x86(), plugins: [Kvm], hardware: kernel.get(Kvm).createVm().hardware });
  }
  return kernel;
}

/** What an entry and the exit behind it cost, by what is armed; and how fast a guest executes. */
export function guests(): readonly Row[] {
  const call = { count: 0, call: () => void sink.value++ };
  const times = alternate(ENTRIES, {
    unit,
    call: () => {
      for (let i = 0; i < ENTRIES; i++) call.call();
    },
    neither: entries({}),
    host: entries({ host: true }),
    guest: entries({ guest: true }),
    both: entries({ host: true, guest: true }),
  });
  const load = inLoads(times.unit, ENTRIES);
  const kernels = [composeKernel({ arch: x86() }), guest(1), guest(2)];
  const [onHost, inGuest, inGuestsGuest] = kernels.map((kernel) => executing(kernel, kernel.breakpoints));
  if (onHost === undefined || inGuest === undefined || inGuestsGuest === undefined) throw new Error('three kernels');
  const rates = alternate(INSTRUCTIONS, { onHost, inGuest, inGuestsGuest });
  return [
    {
      what: 'guest entry + exit, nothing armed',
      figure: ratio(times.neither, load),
      unit: 'U',
      bound: 'most',
      target: 800,
      note: `${nanoseconds(times.neither).median.toFixed(0)} ns`,
    },
    {
      what: 'guest entry + exit, nothing armed / an empty call',
      figure: ratio(times.neither, times.call),
      unit: 'x',
      bound: 'most',
    },
    {
      what: 'guest entry + exit, host armed / nothing',
      figure: ratio(times.host, times.neither),
      unit: 'x',
      bound: 'most',
    },
    {
      what: 'guest entry + exit, guest armed / nothing',
      figure: ratio(times.guest, times.neither),
      unit: 'x',
      bound: 'most',
    },
    {
      what: 'guest entry + exit, both armed / nothing',
      figure: ratio(times.both, times.neither),
      unit: 'x',
      bound: 'most',
    },
    {
      what: 'instructions a second, in a guest / on the host',
      figure: ratio(rates.onHost, rates.inGuest),
      unit: 'x',
      bound: 'least',
      target: 0.95,
    },
    {
      what: "instructions a second, in a guest's guest / on the host",
      figure: ratio(rates.onHost, rates.inGuestsGuest),
      unit: 'x',
      bound: 'least',
    },
  ];
}
