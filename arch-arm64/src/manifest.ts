import { type ArchManifest, defineManifest, type RegisterRoles } from '@hwbp/core';
import { X_REGISTERS } from './facets/registers.js';
import { kernelStart, type ResolvedFeatures } from './features.js';

/**
 * The number in x8, arguments from x0 (Procedure Call Standard for the Arm 64-bit Architecture); x19 on survive calls.
 */
const ROLES: RegisterRoles = Object.freeze({
  number: 'x8',
  args: Object.freeze(X_REGISTERS.slice(0, 6)),
  result: 'x0',
  stack: 'sp',
  general: Object.freeze(X_REGISTERS.slice(19, 27)),
  names: Object.freeze([...X_REGISTERS, 'sp', 'pstate', 'orig_x0']),
});

/** Every byte, bit by bit (BAS): any 1 to 8 bytes of a doubleword. */
const LENGTHS = Object.freeze([1, 2, 3, 4, 5, 6, 7, 8]);

/** What a CPU with these registers can do. */
export function manifestOf(features: ResolvedFeatures): ArchManifest {
  const { brps, wrps, pageSize, taskSize, vaBits } = features;
  const start = kernelStart(features);
  return defineManifest({
    name: 'arm64',
    slots: { data: wrps, instruction: brps, shared: false },
    registerNames: [
      ...Array.from({ length: wrps }, (_, register) => `DBGWVR${register}`),
      ...Array.from({ length: brps }, (_, register) => `DBGBVR${register}`),
    ],
    access: ['r', 'w', 'rw', 'x'],
    dataLengths: LENGTHS,
    executeLength: 4,
    // The size of a long too, as everywhere.
    executeLengths: [4, 8],
    instructionAlignment: 4,
    alignment: 'granule',
    granule: 8,
    grain: 1,
    timing: { data: 'before', execute: 'before' },
    ignoredTopBits: 8,
    privilegeFilter: true,
    resumeFlag: false,
    longestRange: 0,
    wordSize: 8,
    pageSize,
    taskSize,
    directMap: start,
    directMapSize: 1n << BigInt(vaBits - 1),
    roles: ROLES,
  });
}
