import { CPU_MODELS, Ppc64DebugUnit, type Ppc64Features, type Ppc64GuestDebug, ppc64 } from '@hwbp/arch-ppc64';
import {
  type ControlAccess,
  type ControlResult,
  composeKernel,
  type ExecutionState,
  HW_BREAKPOINT_W,
  type Instruction,
  type Kernel,
  type KernelOptions,
  program,
  RingLogger,
  type Task,
} from '@hwbp/core';
import { Kvm, type Vcpu, type VirtualMachine, type VmOptions } from '@hwbp/kvm';

export const TEXT = 0x1000_0000n;
export const KERNEL_TEXT = 0xc000_0000_0001_0000n;
/** What the guest watches, and what the host does. */
export const GUEST_DATA = 0x2000_0400n;
export const HOST_DATA = 0x2000_0800n;

/** Features of each CPU that has watch registers to use. */
export const CPUS: Readonly<Record<string, Ppc64Features>> = {
  power7: { cpu: 'power7' },
  'power7 without DABRX': { cpu: 'power7', dabrx: false },
  power8: { cpu: 'power8' },
  power9: { cpu: 'power9', dawrEnableDangerous: true },
  power10: { cpu: 'power10' },
};

export const at = (index: number): bigint => TEXT + BigInt(4 * index);

export const store = (pc: bigint, address: bigint, value = 1n, size = 8): Instruction => ({
  pc,
  length: 4,
  accesses: [{ kind: 'write', address, size, value }],
});
export const load = (pc: bigint, address: bigint, size = 8): Instruction => ({
  pc,
  length: 4,
  accesses: [{ kind: 'read', address, size }],
});
export const nop = (pc: bigint): Instruction => ({ pc, length: 4 });

/** A write watch of a doubleword. */
export const writes = (bp_addr: bigint, bp_len = 8) => ({ bp_type: HW_BREAKPOINT_W, bp_addr, bp_len });

/** Stores of 0, 1, 2, ... one behind the other. */
export const stores = (count: number, address: bigint) =>
  program(Array.from({ length: count }, (_, i) => store(at(i), address, BigInt(i))));

/** A ppc64 debug unit that notes what software writes to its registers. */
export class CountingPpc64Unit extends Ppc64DebugUnit {
  writes: string[] = [];

  override setWatch(register: number, hi: number, lo: number, control: number): void {
    this.writes.push(`${this.layouts[register]?.name}${hi === 0 && lo === 0 && control === 0 ? ' off' : ''}`);
    super.setWatch(register, hi, lo, control);
  }

  override move(access: ControlAccess, state: ExecutionState): ControlResult | undefined {
    if (access.value !== undefined) this.writes.push(access.register);
    return super.move(access, state);
  }

  /** Takes what was written since the last time. */
  take(): string {
    return this.writes.splice(0).join(', ');
  }
}

export const countingUnit = (cpu: keyof typeof CPU_MODELS, dabrx = true): CountingPpc64Unit =>
  new CountingPpc64Unit({ layouts: CPU_MODELS[cpu].watches, dabrx, ciabr: CPU_MODELS[cpu].isa > 2.06 });

/** A host with KVM, and a partition in it. */
export interface Ppc64Pair extends Disposable {
  readonly host: Kernel;
  readonly vm: VirtualMachine;
  readonly guest: Kernel;
  readonly log: RingLogger;
  readonly vcpu: Vcpu;
  readonly debug: Ppc64GuestDebug;
}

export interface PairOptions {
  readonly features?: Ppc64Features;
  /** Of the guest's kernel; default those of the host. */
  readonly guestFeatures?: Ppc64Features;
  readonly host?: Partial<KernelOptions>;
  readonly vm?: VmOptions;
  readonly guest?: Partial<KernelOptions>;
}

/** Composes a host and a guest, both of ppc64. */
export function ppc64Pair({ features = {}, guestFeatures = features, ...options }: PairOptions = {}): Ppc64Pair {
  const host = composeKernel({ arch: ppc64(features), strict: true, plugins: [Kvm], ...options.host });
  const vm = host.get(Kvm).createVm(options.vm);
  const log = new RingLogger();
  try {
    const guest = composeKernel({
      arch: ppc64(guestFeatures),
      strict: true,
      logger: log,
      ...options.guest,
      hardware: vm.hardware,
    });
    const vcpu = vm.vcpus[0] as Vcpu;
    return {
      host,
      vm,
      guest,
      log,
      vcpu,
      debug: vcpu.debug as Ppc64GuestDebug,
      [Symbol.dispose]() {
        guest.dispose();
        host.dispose();
      },
    };
  } catch (error) {
    host.dispose();
    throw error;
  }
}

/** Counts the hits of a write watch of a task. */
export function counted(kernel: Kernel, task: Task, address: bigint): { hits: number; pcs: bigint[] } {
  const seen = { hits: 0, pcs: [] as bigint[] };
  kernel.breakpoints.registerUser(
    writes(address),
    ({ pc }) => {
      seen.hits++;
      seen.pcs.push(pc);
    },
    task,
  );
  return seen;
}
