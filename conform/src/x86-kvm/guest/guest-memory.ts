import { AddressSpace, type Hardware } from '@hwbp/core';

/** The memory that the guest's instructions see: every address is a physical one, of so many frames. */
export function identitySpace(hardware: Hardware, count: number): AddressSpace {
  const space = new AddressSpace(hardware.memory, { demandZero: false });
  const frames = Array.from({ length: count }, (_, frame) => frame);
  space.map(0n, count * hardware.memory.pageSize, { frames });
  for (const { mmu } of hardware.cpus) mmu.load({ user: undefined, kernel: space, border: 1n << 64n });
  return space;
}
