import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { architecture, composeKernel, defineManifest, nullBackend, program } from '@hwbp/core';
import test from 'ava';

/**
 * RISC-V's Sv39: 124 GiB of direct map, and the kernel's image far above it (Documentation/arch/riscv/vm-layout.rst).
 */
function sv39(directMapSize?: bigint) {
  const backend = nullBackend();
  const manifest = defineManifest({
    ...backend.manifest,
    taskSize: 0x40_0000_0000n,
    kernelStart: 0xffff_ffc0_0000_0000n,
    directMap: 0xffff_ffd6_0000_0000n,
    ...(directMapSize === undefined ? {} : { directMapSize }),
  });
  return architecture({ ...backend, manifest });
}

const VARIABLE = 0xffff_ffff_8060_0000n;

for (const [what, size] of [
  ['as its manifest says', 124n << 30n],
  ['of a size that nobody says', undefined],
] as const) {
  test(`a direct map ${what} leaves the kernel's variables beyond it alone`, (t) => {
    using kernel = composeKernel({ arch: sv39(size) });
    const { machine } = kernel;
    const accesses = [
      { kind: 'write', address: VARIABLE, size: 8, value: 42n },
      { kind: 'write', address: machine.layout.directMap + 8n, size: 8, value: 7n },
    ] as const;
    machine.physical.allocate();
    machine.spawn(program([{ pc: VARIABLE, length: 4, accesses }]), { mode: 'kernel' });
    t.deepEqual(machine.run(), { reason: 'idle', instructions: 1 });
    t.is(machine.kernelMemory.readInteger(VARIABLE, 8), 42n);
    t.is(machine.physical.frame(0)[8], 7, 'the direct map shows the first page of physical memory');
  });
}

test('a direct map reaches as far as its manifest says, and faults where there is no memory', (t) => {
  for (const arch of [x86(), x86({ bits: 32 }), ppc64(), arm64(), arm64({ vaBits: 52 }), sv39(124n << 30n)]) {
    const { directMap, directMapSize = 0n, wordSize } = arch.backend.manifest;
    t.true(directMap + directMapSize <= 1n << BigInt(8 * wordSize));
    using kernel = composeKernel({ arch });
    const { kernelMemory } = kernel.machine;
    t.is(kernelMemory.translate(directMap + directMapSize - 1n, false), undefined);
    t.not(kernelMemory.translate(directMap + directMapSize, false), undefined);
  }
});
