import {
  CONDITION_FETCH,
  CONDITION_READ,
  CONDITION_WRITE,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_RW,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
  type HwBreakpointAttr,
  hex,
  highHalf,
  invalidRequest,
  lowHalf,
  type Mode,
  type ParseTarget,
  type QuirkSet,
} from '@hwbp/core';
import type { ResolvedFeatures } from '../features.js';
import { ACCEPTS_ANY_EXECUTION, LEVEL_FOLLOWS_ADDRESS, SHIFTED_MASK_HIDES_KERNEL } from '../quirks.js';
import { PRIVILEGE_EL0, PRIVILEGE_EL1, TYPE_EXECUTE, TYPE_LOAD, TYPE_STORE } from '../silicon/control.js';
import type { Arm64Breakpoint } from './arm64-breakpoint.js';

const SPACE = 1n << 64n;
const LONGEST = 8n;
/** Bytes of an A64 or A32 instruction. */
const WORD = 4;

/** bp_type as LSC has it, and as core has it. */
const TYPES = new Map<number, { readonly type: number; readonly conditions: number }>([
  [HW_BREAKPOINT_X, { type: TYPE_EXECUTE, conditions: CONDITION_FETCH }],
  [HW_BREAKPOINT_R, { type: TYPE_LOAD, conditions: CONDITION_READ }],
  [HW_BREAKPOINT_W, { type: TYPE_STORE, conditions: CONDITION_WRITE }],
  [HW_BREAKPOINT_RW, { type: TYPE_LOAD | TYPE_STORE, conditions: CONDITION_READ | CONDITION_WRITE }],
]);

/** Bytes that BAS stands for, from the address on. */
const maskOf = (length: number): number => (1 << length) - 1;

function checkExecution(address: bigint, length: number, compat: boolean, quirks: QuirkSet | undefined): void {
  if (compat) {
    if (length === 2 || length === WORD) return;
    throw invalidRequest(`an execute breakpoint of a 32-bit task has length 2 or 4, got ${length}`, { length });
  }
  if (quirks?.isOn(ACCEPTS_ANY_EXECUTION) === true) return;
  if (length !== WORD && length !== Number(LONGEST)) {
    throw invalidRequest(`an execute breakpoint has length 4, or 8 as the size of a long, got ${length}`, { length });
  }
  if (address % BigInt(WORD) !== 0n) {
    throw invalidRequest(`no instruction begins at ${hex(address)}, which is no multiple of 4`, { address });
  }
}

/** Bytes of the block that one register sees, less one. Throws EINVAL for what does not lie in one. */
function blockMask(address: bigint, length: number, execute: boolean, compat: boolean): number {
  if (!compat) {
    const block = execute ? WORD - 1 : Number(LONGEST) - 1;
    if (maskOf(length) << Number(address & BigInt(block)) <= 0xff) return block;
    const message = `${hex(address)} with length ${length} crosses a multiple of 8, which one register cannot watch`;
    throw invalidRequest(message, { address, length });
  }
  const block = length === Number(LONGEST) ? length - 1 : WORD - 1;
  const offset = Number(address & BigInt(block));
  // Halfwords and bytes of a 32-bit task lie anywhere in a word but across its end.
  if (offset === 0 || (offset < 3 && length <= 2 && offset + length <= WORD) || length === 1) return block;
  const message = `${hex(address)} with length ${length}: a breakpoint of a 32-bit task lies in one word, a length of more than 2 at its beginning`;
  throw invalidRequest(message, { address, length });
}

/** The exception levels at which it matches. */
function privilegeOf({ exclude_user, exclude_kernel }: HwBreakpointAttr, kernels: boolean, quirks?: QuirkSet): number {
  if (quirks?.isOn(LEVEL_FOLLOWS_ADDRESS) === true) return kernels ? PRIVILEGE_EL1 : PRIVILEGE_EL0;
  return (exclude_user === true ? 0 : PRIVILEGE_EL0) | (exclude_kernel === true ? 0 : PRIVILEGE_EL1);
}

function excludedModes({ exclude_user, exclude_kernel }: HwBreakpointAttr): readonly Mode[] {
  if (exclude_user === true) return exclude_kernel === true ? ['user', 'kernel'] : ['user'];
  return exclude_kernel === true ? ['kernel'] : [];
}

/** True if the generic check takes it for the kernel's. */
function isKernelSpace(base: bigint, bas: number, kernels: boolean, taskSize: bigint, quirks?: QuirkSet): boolean {
  if (quirks?.isOn(SHIFTED_MASK_HIDES_KERNEL) !== true) return kernels;
  // Of a mask that does not begin with bit 0 Linux finds no length.
  const length = (bas & (bas + 1)) === 0 ? BigInt(32 - Math.clz32(bas)) : 0n;
  return base >= taskSize && BigInt.asUintN(64, base + length - 1n) >= taskSize;
}

/**
 * Validates a request and encodes it, in the order of Linux's arch_build_bp_info and hw_breakpoint_arch_parse: type,
 * length, the lengths of execute breakpoints, alignment, and kernel addresses of tasks are EINVAL.
 */
export function parseRequest(
  attr: HwBreakpointAttr,
  { taskSize }: ResolvedFeatures,
  quirks?: QuirkSet,
  target?: ParseTarget,
): Arm64Breakpoint {
  const { bp_addr: address, bp_type } = attr;
  const found = TYPES.get(bp_type);
  if (found === undefined) {
    throw invalidRequest(`bp_type ${bp_type}: arm64 watches reads (1), writes (2), both (3) or execution (4)`, {
      bp_type,
    });
  }
  const asked = BigInt(attr.bp_len);
  if (asked < 1n || asked > LONGEST) {
    throw invalidRequest(`length ${asked}: a register of arm64 watches 1 to 8 bytes`, { length: asked });
  }
  const compat = target?.compat === true;
  const execute = found.type === TYPE_EXECUTE;
  if (execute) checkExecution(address, Number(asked), compat, quirks);
  const length = execute && !compat ? WORD : Number(asked);
  const last = (address + BigInt(length) - 1n) % SPACE;
  const kernels = address >= taskSize && last >= taskSize;
  const block = blockMask(address, length, execute, compat);
  const base = address & ~BigInt(block);
  const bas = maskOf(length) << Number(address - base);
  if (kernels && target !== undefined && quirks?.isOn(LEVEL_FOLLOWS_ADDRESS) === true) {
    const message = `${hex(address)} lies in kernel space, which arm64 watches on a CPU and not for a task`;
    throw invalidRequest(message, { address });
  }
  return {
    address,
    length: execute ? 1 : length,
    kernelSpace: isKernelSpace(base, bas, kernels, taskSize, quirks),
    conditions: found.conditions,
    hi: highHalf(address),
    lo: lowHalf(address),
    base,
    bas,
    type: found.type,
    privilege: privilegeOf(attr, kernels, quirks),
    excluded: excludedModes(attr),
  };
}
