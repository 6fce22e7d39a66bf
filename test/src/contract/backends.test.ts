import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { nullBackend } from '@hwbp/core';
import { backendContract, fakeBackend, tinyBackend } from '@hwbp/testkit';
import test from 'ava';

const BYTES = [1, 2, 3, 4, 5, 6, 7, 8];

backendContract({ test, name: 'x86', createBackend: () => x86() });
backendContract({ test, name: 'x86 of 32 bits', createBackend: () => x86({ bits: 32 }) });
backendContract({ test, name: 'x86 with ranges', createBackend: () => x86({ rangeBreakpoints: true }) });
backendContract({ test, name: 'x86 that accumulates DR6', createBackend: () => x86({ accumulateDr6: true }) });
backendContract({ test, name: 'no breakpoints', createBackend: nullBackend });

backendContract({ test, name: 'fake of 0', createBackend: () => fakeBackend({ slots: 0 }) });
// One register, a block of 8 bytes, reported before the access: as PowerPC's DABR.
backendContract({
  test,
  name: 'fake of 1',
  createBackend: () =>
    fakeBackend({
      slots: { data: 1, instruction: 0 },
      access: ['r', 'w', 'rw'],
      dataLengths: BYTES,
      alignment: 'granule',
      timing: 'before',
    }),
});
backendContract({ test, name: 'fake of 4, reported before', createBackend: () => fakeBackend({ timing: 'before' }) });
backendContract({
  test,
  name: 'fake of 16',
  createBackend: () => fakeBackend({ slots: { data: 16, instruction: 8 }, dataLengths: BYTES, alignment: 'any' }),
});
backendContract({
  test,
  name: 'fake that only executes',
  createBackend: () => fakeBackend({ slots: { data: 0, instruction: 2 } }),
});
backendContract({ test, name: 'tiny', createBackend: tinyBackend });

for (const cpu of ['power7', 'power8', 'power9', 'power10'] as const) {
  backendContract({ test, name: cpu, createBackend: () => ppc64({ cpu }) });
}
