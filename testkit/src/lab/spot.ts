import {
  type Access,
  type AccessKind,
  type ArchManifest,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
  type HwBreakpointAttr,
  type Instruction,
  type SlotClass,
} from '@hwbp/core';
import { present } from '../assert/index.js';
import { dataKinds, mainClass, TYPE_OF, USER_CODE, USER_DATA } from './conditions.js';

/** Where the instructions of the suites lie that are not themselves watched. */
const PLAIN_CODE = 0x40_0000n;
/** Far enough apart for filters that hash. */
const LEAST_STRIDE = 0x400;

/** Something to watch, and an instruction that hits it once and touches nothing else that is watched. */
export interface Spot {
  readonly attr: HwBreakpointAttr;
  readonly touch: Instruction;
}

/** Bytes between spots: no two are in one block that the silicon compares. */
function strideOf({ grain, executeGrain }: ArchManifest): bigint {
  return BigInt(Math.max(LEAST_STRIDE, 2 * grain, 2 * executeGrain));
}

/** The access that hits a data condition: of its first byte, or as many as an integer has. */
function accessTo(attr: HwBreakpointAttr, value = 1n): Access {
  const loads = (attr.bp_type & HW_BREAKPOINT_R) !== 0;
  const stores = (attr.bp_type & HW_BREAKPOINT_W) !== 0;
  const kind = loads && stores ? 'readwrite' : stores ? 'write' : 'read';
  const size = Math.min(Number(attr.bp_len), 8);
  return { kind, address: attr.bp_addr, size, ...(stores ? { value } : {}) };
}

/** The instruction that hits a request. */
export function touchOf(attr: HwBreakpointAttr, pc: bigint = PLAIN_CODE): Instruction {
  if (attr.bp_type === HW_BREAKPOINT_X) return { pc: attr.bp_addr, length: 4 };
  return { pc, length: 4, accesses: [accessTo(attr)] };
}

/** A data spot with one of the listed lengths and kinds. */
export function dataSpot(
  manifest: ArchManifest,
  index: number,
  options: { readonly base?: bigint; readonly kind?: AccessKind; readonly length?: number } = {},
): Spot {
  const kinds = dataKinds(manifest);
  const kind = options.kind ?? (kinds.includes('w') ? 'w' : present(kinds[0], 'a kind of data access'));
  const bp_len = options.length ?? present(manifest.dataLengths[0], 'a data length');
  const bp_addr = (options.base ?? USER_DATA) + BigInt(index) * strideOf(manifest);
  const attr = { bp_type: TYPE_OF[kind], bp_addr, bp_len };
  return { attr, touch: touchOf(attr, PLAIN_CODE + BigInt(index) * 0x10n) };
}

/** An instruction to watch the execution of. */
export function executeSpot(manifest: ArchManifest, index: number, base: bigint = USER_CODE): Spot {
  const bp_len = present(manifest.executeLength, 'the length of execute breakpoints');
  const attr = { bp_type: HW_BREAKPOINT_X, bp_addr: base + BigInt(index) * strideOf(manifest), bp_len };
  return { attr, touch: touchOf(attr) };
}

/** The `index`th spot of a class; of the class that the suites prefer, if none is named. */
export function spotOf(manifest: ArchManifest, index: number, slotClass: SlotClass = mainClass(manifest)): Spot {
  return slotClass === 'data' ? dataSpot(manifest, index) : executeSpot(manifest, index);
}

/** An instruction that touches nothing. */
export function plain(index = 0): Instruction {
  return { pc: PLAIN_CODE + 0x8_0000n + BigInt(index) * 4n, length: 4 };
}
