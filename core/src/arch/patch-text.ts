import { coreError } from '../errors/index.js';
import { AddressSpace, type Cpu, hex } from '../hardware/index.js';
import type { Machine } from '../kernel/index.js';
import type { CpuDriver } from './cpu-driver.js';
import type { ArchManifest } from './manifest.js';

/** Who patches, and where. */
export interface TextPatch {
  readonly machine: Machine;
  readonly driver: CpuDriver;
  /** The CPU whose address space is another one meanwhile. */
  readonly cpu: Cpu;
  /** First byte, in the kernel's part of the address space. */
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly manifest: ArchManifest;
  /** Page of user space under which the text can be written meanwhile. Default: in the middle. */
  readonly alias: bigint | undefined;
}

/** Throws a TypeError for what is no text of the kernel's, and no page of user space. */
function aliasOf({ manifest, address, alias }: TextPatch): bigint {
  const { taskSize, kernelStart } = manifest;
  const pageSize = BigInt(manifest.pageSize);
  if (address < kernelStart) {
    throw new TypeError(`the text of the kernel is from ${hex(kernelStart)} on, got ${hex(address)}`);
  }
  const page = alias ?? taskSize / 2n - ((taskSize / 2n) % pageSize);
  if (page >= 0n && page < taskSize && page % pageSize === 0n) return page;
  throw new TypeError(`alias is the address of a page of user space, got ${hex(page)}`);
}

/**
 * Writes to the kernel's text through a temporary address space, which has the text under an address of user space for
 * the time (Linux: text_poke, use_temporary_mm). The debug registers are muted: what some task watches at that address
 * is not this. Throws EFAULT where there is no text, and then nothing was written.
 */
export function patchText(patch: TextPatch): void {
  const { machine, driver, cpu, address, bytes } = patch;
  const alias = aliasOf(patch);
  const { physical, kernelMemory } = machine;
  const pageSize = BigInt(physical.pageSize);
  const offset = address % pageSize;
  const space = new AddressSpace(physical, { demandZero: false });
  try {
    for (let at = -offset; at < BigInt(bytes.length); at += pageSize) {
      const place = kernelMemory.translate(address + at, false);
      if (place === undefined) {
        throw coreError('MEMORY_FAULT', `${hex(address + at)}: no page is mapped there to patch`, { address });
      }
      space.map(alias + offset + at, 1, { frames: [place.frame] });
    }
    machine.aside(cpu, () => {
      const unmute = driver.mute();
      try {
        cpu.mmu.enter(space);
        for (const [i, byte] of bytes.entries()) {
          const access = { kind: 'write', address: alias + offset + BigInt(i), size: 1, value: BigInt(byte) } as const;
          cpu.execute({ pc: machine.layout.directMap, length: 4, accesses: [access] });
        }
      } finally {
        cpu.mmu.enter(undefined);
        unmute();
      }
    });
  } finally {
    space.release();
  }
}
