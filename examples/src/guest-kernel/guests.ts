import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  HW_BREAKPOINT_W,
  type Instruction,
  type Kernel,
  type KernelOptions,
  type ProgramFactory,
  program,
} from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { Kvm, type VirtualMachine } from '@hwbp/kvm';

/** Every kernel has all of these variables, at the same addresses, and stores to all of them; each watches one. */
export const VARIABLES = {
  jiffies: 0xffff_ffff_82a0_5000n,
  inbox: 0xffff_ffff_82a0_5008n,
  outbox: 0xffff_ffff_82a0_5010n,
  total: 0xffff_ffff_82a0_5018n,
} as const;

const TEXT = 0xffff_ffff_8110_0000n;

/** Stores to one variable after the other, `rounds` times, with some work between. */
function stores(rounds: number): ProgramFactory {
  return program(function* (): Generator<Instruction, void> {
    for (let round = 1; round <= rounds; round++) {
      for (const [index, address] of Object.values(VARIABLES).entries()) {
        const pc = TEXT + 8n * BigInt(index);
        yield { pc, length: 4, accesses: [{ kind: 'write', address, size: 8, value: BigInt(round) }] };
        yield { pc: pc + 4n, length: 4, next: index === 3 ? TEXT : pc + 8n };
      }
    }
  });
}

/** One CPU, and a tick every 12 instructions: all have to share. */
export const HOST: KernelOptions = {
  arch: x86(),
  tick: 12_000,
  symbols: [
    ...Object.entries(VARIABLES).map(([name, address]) => ({ name, address, size: 8 })),
    { name: 'do_timer', address: TEXT, size: 32 },
  ],
  plugins: [KsymTracer, Kvm],
};

/** A kernel in a kernel, and the hits of its own breakpoint. */
export interface Guest {
  readonly vm: VirtualMachine;
  readonly kernel: Kernel;
  readonly hits: bigint[];
}

/** A virtual machine with a kernel that watches one of its variables. */
function makeGuest(host: Kernel, name: string, watched: bigint): Guest {
  const vm = host.get(Kvm).createVm({ name });
  const kernel = composeKernel({ arch: x86(), hardware: vm.hardware });
  const hits: bigint[] = [];
  const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: watched, bp_len: 8 };
  kernel.breakpoints.registerCpu(attr, ({ ip }) => void hits.push(ip), 0);
  kernel.machine.spawn(stores(5), { comm: 'worker', mode: 'kernel' });
  return { vm, kernel, hits };
}

/** The host traces its jiffies; alpha watches its inbox, beta its outbox. */
export function setUp(host: Kernel): { readonly alpha: Guest; readonly beta: Guest } {
  const { files } = host.get(KsymTracer);
  files.write('current_tracer', 'ksym_tracer');
  files.write('ksym_trace_filter', 'jiffies:-w-');
  host.machine.spawn(stores(2), { comm: 'timer', mode: 'kernel' });
  return { alpha: makeGuest(host, 'alpha', VARIABLES.inbox), beta: makeGuest(host, 'beta', VARIABLES.outbox) };
}
