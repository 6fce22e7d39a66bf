import { AddressSpace, type Hardware } from '@hwbp/core';
import { GUEST_MEMORY } from '../guest-layout.js';
import type { GuestMode } from './guest-cpu.js';

/** The memory that the guest's instructions see: every address is a physical one, as far as anything is mapped. */
export function identitySpace(hardware: Hardware, mode: GuestMode): AddressSpace {
  const { pageSize, mapped, realMapped } = GUEST_MEMORY;
  const space = new AddressSpace(hardware.memory, { demandZero: false });
  const frames = Array.from({ length: mode === 'real' ? realMapped : mapped }, (_, frame) => frame);
  space.map(0n, frames.length * pageSize, { frames });
  for (const { mmu } of hardware.cpus) mmu.load({ user: undefined, kernel: space, border: 1n << 64n });
  return space;
}
