import {
  type ArchManifest,
  HW_BREAKPOINT_EMPTY,
  HW_BREAKPOINT_INVALID,
  HW_BREAKPOINT_RW,
  type HwBreakpointAttr,
  type SlotClass,
} from '../arch/index.js';
import { coreError } from '../errors/index.js';
import type { BreakpointChange, BreakpointRequest } from './request.js';

const FLAGS = ['disabled', 'exclude_user', 'exclude_kernel', 'exclude_hv', 'inherit', 'pinned', 'exclusive'] as const;
const U64 = 1n << 64n;
/*
 * Every registration comes through here: a switch over names that the engine has interned costs a few nanoseconds, a
 * look-up in a set ten times that.
 */

function isNumberField(name: string): boolean {
  return name === 'bp_type' || name === 'bp_addr' || name === 'bp_len' || name === 'sample_period';
}

function isFlag(name: string): name is (typeof FLAGS)[number] {
  switch (name) {
    case 'disabled':
    case 'exclude_user':
    case 'exclude_kernel':
    case 'exclude_hv':
    case 'inherit':
    case 'pinned':
    case 'exclusive':
      return true;
    default:
      return false;
  }
}

function isLength(value: unknown): boolean {
  if (typeof value === 'bigint') return value >= 0n && value < U64;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Misuse of the library, told apart from requests that a kernel refuses. Throws a TypeError. */
export function checkAttr(attr: HwBreakpointAttr): void {
  if (typeof attr !== 'object' || attr === null) throw new TypeError('a breakpoint needs an attr object');
  for (const name in attr) {
    if (isNumberField(name)) continue;
    if (isFlag(name)) {
      const value: unknown = attr[name];
      if (value === undefined || typeof value === 'boolean') continue;
      throw new TypeError(`${name} is true or false, got ${String(value)}`);
    }
    const known = ['bp_type', 'bp_addr', 'bp_len', 'sample_period', ...FLAGS].join(', ');
    throw new TypeError(`a breakpoint attr has no '${name}'; it has ${known}`);
  }
  const { bp_type, bp_addr, bp_len, sample_period } = attr;
  if (typeof bp_addr !== 'bigint' || bp_addr < 0n || bp_addr >= U64) {
    throw new TypeError(`bp_addr is a bigint of 64 bits, got ${typeof bp_addr} ${String(bp_addr)}; write 0x1000n`);
  }
  if (!Number.isInteger(bp_type) || bp_type < 0 || bp_type > 0xffff_ffff) {
    throw new TypeError(`bp_type is a bit set of HW_BREAKPOINT_R, _W and _X, got ${String(bp_type)}`);
  }
  if (!isLength(bp_len)) throw new TypeError(`bp_len is a number of bytes, got ${String(bp_len)}`);
  if (sample_period !== undefined && !isLength(sample_period)) {
    throw new TypeError(`sample_period is a whole number from 0, got ${String(sample_period)}`);
  }
}

/** What every request is checked for where it comes in. Throws a TypeError. */
export function checkRequest({ attr, handler }: Pick<BreakpointRequest, 'attr' | 'handler'>): void {
  checkAttr(attr);
  if (typeof handler !== 'function') throw new TypeError('a breakpoint needs a handler function');
}

const MODIFIABLE: ReadonlySet<string> = new Set(['bp_type', 'bp_addr', 'bp_len', 'disabled']);

/** The fields of a change: EINVAL for one that cannot be changed. */
export function checkModifiable(changes: BreakpointChange): void {
  for (const field of Object.keys(changes)) {
    if (MODIFIABLE.has(field)) continue;
    throw coreError('HWBP_MODIFY_FIELD', `modify cannot change ${field}; unregister and register again`, { field });
  }
}

/**
 * The class that a type is accounted in, as Linux finds it: any type with R or W is data. Throws ENOSYS if the
 * architecture has no registers at all, EOPNOTSUPP if it has none of the class, then EINVAL for types that name nothing
 * or everything.
 */
export function slotClassOf(bp_type: number, manifest: ArchManifest): SlotClass {
  const slotClass: SlotClass = (bp_type & HW_BREAKPOINT_RW) !== 0 ? 'data' : 'instruction';
  if (manifest.slots.data === 0 && manifest.slots.instruction === 0) {
    throw coreError(
      'HWBP_NO_SUPPORT',
      `${manifest.name} has no hardware breakpoints; compose another architecture to use them`,
      { arch: manifest.name },
    );
  }
  if (manifest.slots[slotClass] === 0) {
    const other = slotClass === 'data' ? 'instruction' : 'data';
    const hint = manifest.slots[other] > 0 ? `; it has ${manifest.slots[other]} for ${other} breakpoints` : '';
    throw coreError('HWBP_NO_SUCH_CLASS', `${manifest.name} has no registers for ${slotClass} breakpoints${hint}`, {
      slotClass,
      arch: manifest.name,
    });
  }
  if (bp_type === HW_BREAKPOINT_EMPTY || bp_type === HW_BREAKPOINT_INVALID) {
    throw coreError('HWBP_BAD_TYPE', `bp_type ${bp_type} is no condition: use one of R 1, W 2, RW 3 or X 4`, {
      bp_type,
    });
  }
  return slotClass;
}
