import { backendContract, type FakeOptions, fakeBackend } from '@hwbp/testkit';
import test from 'ava';
import { comparators } from './comparators.js';

/** What real chips are that no backend here is: each is right, and the suite says so. */
const CHIPS: Readonly<Record<string, FakeOptions>> = {
  'one length of 64': { dataLengths: [64] },
  'a granule of a page': { dataLengths: [1, 2, 4, 8], alignment: 'granule', granule: 4096 },
  'a granule of a page, before': { dataLengths: [1, 2, 4, 8], alignment: 'granule', granule: 4096, timing: 'before' },
  'odd lengths anywhere': { dataLengths: [3, 5, 24], alignment: 'any' },
  'ranges of a terabyte': { manifest: { longestRange: 2 ** 40 } },
  'no single step': { manifest: { singleStep: false } },
  'no resume flag': { manifest: { resumeFlag: false } },
  'no resume flag, before': { timing: 'before', manifest: { resumeFlag: false } },
  'no resume flag, no step, before': { timing: 'before', manifest: { resumeFlag: false, singleStep: false } },
  'the lowest byte compared': { manifest: { compares: 'lowest' } },
  'the lowest byte compared, before': { timing: 'before', manifest: { compares: 'lowest' } },
  'instructions at multiples of 4, of several lengths': {
    manifest: { instructionAlignment: 4, executeLength: 4, executeLengths: [2, 4, 8] },
  },
  'an execution grain': { manifest: { executeGrain: 8, instructionAlignment: 2, executeLength: 2 } },
  'execution after': { manifest: { timing: { data: 'after', execute: 'after' } } },
  'execution after, data before': { manifest: { timing: { data: 'before', execute: 'after' } } },
  'loads before, stores after': { manifest: { timing: { data: 'before', stores: 'after', execute: 'before' } } },
  'loads after, stores before': { manifest: { timing: { data: 'after', stores: 'before', execute: 'before' } } },
  'a shared pool that only executes': { slots: 2, access: ['x'], dataLengths: [] },
  'a shared pool that only watches stores': { slots: 2, access: ['w'] },
  'ignored top bits': { manifest: { ignoredTopBits: 8 } },
  // 6 and 4 registers, byte masks within a doubleword, a kernel that has to step over what it hits.
  'as arm64': {
    slots: { data: 4, instruction: 6 },
    dataLengths: [1, 2, 3, 4, 5, 6, 7, 8],
    alignment: 'granule',
    timing: 'before',
    manifest: { grain: 1, resumeFlag: false, instructionAlignment: 4, executeLength: 4, ignoredTopBits: 8 },
  },
  'as arm': {
    slots: { data: 4, instruction: 6 },
    timing: 'before',
    manifest: {
      resumeFlag: false,
      singleStep: false,
      executeGrain: 4,
      instructionAlignment: 2,
      executeLength: 4,
      executeLengths: [2, 4],
      wordSize: 4,
      taskSize: 0xbf00_0000n,
      kernelStart: 0xc000_0000n,
      directMap: 0xc000_0000n,
      directMapSize: 0x3000_0000n,
    },
  },
  // WatchLo and WatchHi: one pool, the doubleword compared, before.
  'as MIPS': {
    slots: 4,
    dataLengths: [1, 2, 3, 4, 5, 6, 7, 8],
    alignment: 'granule',
    timing: 'before',
    manifest: { resumeFlag: false, singleStep: false, instructionAlignment: 4, executeLength: 4, byteOrder: 'big' },
  },
  // PER: one range of any length, of stores or of execution, always after.
  'as s390': {
    slots: 1,
    access: ['w', 'x'],
    dataLengths: Array.from({ length: 256 }, (_, i) => i + 1),
    alignment: 'any',
    manifest: {
      timing: { data: 'after', execute: 'after' },
      instructionAlignment: 2,
      executeLength: 8,
      byteOrder: 'big',
    },
  },
};

for (const [name, options] of Object.entries(CHIPS)) {
  backendContract({ test, name, createBackend: () => fakeBackend({ ...options, name }) });
}
backendContract({ test, name: 'two registers for each breakpoint', createBackend: comparators });
