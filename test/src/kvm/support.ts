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
import { Kvm, type VirtualMachine, type VmOptions } from '@hwbp/kvm';

/** Where programs execute, and store. */
export const TEXT = 0x40_0000n;
export const DATA = 0x10_0000n;

/** An 8-byte store. */
export function store(at: bigint, value = 1n, pc = TEXT): Instruction {
  return { pc, length: 4, accesses: [{ kind: 'write', address: at, size: 8, value }] };
}

export const nop = (pc = TEXT): Instruction => ({ pc, length: 1 });

/** `count` instructions that do nothing. */
export const nops = (count: number): ProgramFactory => program(Array.from({ length: count }, () => nop()));

/** Stores of 8 bytes, one behind the other: the same address `count` times. */
export const stores = (count: number, at = DATA): ProgramFactory =>
  program(Array.from({ length: count }, (_, i) => store(at, BigInt(i))));

/** A write watch of 8 bytes. */
export const writes = (bp_addr = DATA) => ({ bp_type: HW_BREAKPOINT_W, bp_addr, bp_len: 8 });

/** A host with KVM, and a guest in it. */
export interface Pair extends Disposable {
  readonly host: Kernel;
  readonly kvm: Kvm;
  readonly vm: VirtualMachine;
  readonly guest: Kernel;
}

/** Composes a host and a guest, both of x86. */
export function pair(
  options: { host?: Partial<KernelOptions>; vm?: VmOptions; guest?: Partial<KernelOptions> } = {},
): Pair {
  const { plugins = [], ...rest } = options.host ?? {};
  const host = composeKernel({ arch: x86(), strict: true, ...rest, plugins: [Kvm, ...plugins] });
  const kvm = host.get(Kvm);
  const vm = kvm.createVm(options.vm);
  const guest = composeKernel({ arch: x86(), strict: true, ...options.guest, hardware: vm.hardware });
  return {
    host,
    kvm,
    vm,
    guest,
    [Symbol.dispose]() {
      guest.dispose();
      host.dispose();
    },
  };
}
