import {
  CONDITION_READ,
  CONDITION_WRITE,
  coreError,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_RW,
  HW_BREAKPOINT_W,
  type HwBreakpointAttr,
  hex,
  highHalf,
  invalidRequest,
  lowHalf,
  type QuirkSet,
} from '@hwbp/core';
import type { ResolvedFeatures } from '../features.js';
import { IGNORES_TYPE_BITS, LENGTH_IS_16_BITS } from '../quirks.js';
import { HW_BRK_TYPE_HYP, HW_BRK_TYPE_KERNEL, HW_BRK_TYPE_TRANSLATE, HW_BRK_TYPE_USER } from './brk-type.js';
import type { Ppc64Breakpoint } from './ppc64-breakpoint.js';

/** First address of the kernel (PAGE_OFFSET). */
export const KERNEL_START = 0xc000_0000_0000_0000n;
/** Bytes that a DAWR before ISA 3.1 cannot watch across a multiple of. */
const BOUNDARY_SHIFT = 9n;
const SPACE = 1n << 64n;

function checkType(bp_type: number, quirks: QuirkSet | undefined): void {
  if ((bp_type & HW_BREAKPOINT_RW) === 0) {
    throw invalidRequest(`bp_type ${bp_type}: ppc64 watches reads (1), writes (2) or both (3)`, { bp_type });
  }
  if ((bp_type & ~HW_BREAKPOINT_RW) !== 0 && quirks?.isOn(IGNORES_TYPE_BITS) !== true) {
    throw invalidRequest(`bp_type ${bp_type} has bits that ppc64 cannot watch: use reads (1), writes (2) or both (3)`, {
      bp_type,
    });
  }
}

/** First byte and end of the doublewords that contain a range, and how many bytes Linux takes that for. */
function doublewords(address: bigint, length: bigint, cut: boolean): { start: bigint; end: bigint; hwLength: bigint } {
  const start = address & ~7n;
  const end = (address + length + 7n) & ~7n;
  return { start, end, hwLength: cut ? BigInt.asUintN(16, end - start) : end - start };
}

/**
 * Validates a request and encodes it, in the order of Linux's hw_breakpoint_arch_parse: no length EINVAL, neither reads
 * nor writes EINVAL, no usable register ENODEV, a range across a multiple of 512 bytes before ISA 3.1 EINVAL, more
 * bytes than a register watches EINVAL.
 */
export function parseRequest(
  attr: HwBreakpointAttr,
  { cpu, model }: ResolvedFeatures,
  quirks?: QuirkSet,
): Ppc64Breakpoint {
  const { bp_addr: address, bp_type } = attr;
  const asked = BigInt(attr.bp_len);
  if (asked === 0n) throw invalidRequest(`${hex(address)} with length 0 watches nothing`, { address });
  checkType(bp_type, quirks);
  if (!model.usable) {
    const message = `the data watchpoint of ${cpu} can stop the machine, so Linux does not use it; compose ppc64({ dawrEnableDangerous: true }) to use it`;
    throw coreError('HWBP_ARCH_NO_DEVICE', message, { cpu });
  }
  const cut = quirks?.isOn(LENGTH_IS_16_BITS) === true;
  const length = cut ? BigInt.asUintN(16, asked) : asked;
  if (!cut && address + length > SPACE) {
    throw invalidRequest(`${hex(address)} with length ${length} runs past the last address`, { address, length });
  }
  const { start, end, hwLength } = doublewords(address, length, cut);
  const longest = BigInt(model.watches[0]?.longest ?? 0);
  if (longest > 8n && !model.crosses && start >> BOUNDARY_SHIFT !== (end - 1n) >> BOUNDARY_SHIFT) {
    const message = `${hex(address)} with length ${length} crosses a multiple of 512 bytes, which ${cpu} cannot watch`;
    throw invalidRequest(message, { address, length });
  }
  if (hwLength > longest) {
    const message = `${hex(address)} with length ${length} covers ${hwLength} bytes in doublewords; a register of ${cpu} watches ${longest}`;
    throw invalidRequest(message, { address, length, longest });
  }
  const type =
    (bp_type & HW_BREAKPOINT_RW) |
    HW_BRK_TYPE_TRANSLATE |
    (attr.exclude_user === true ? 0 : HW_BRK_TYPE_USER) |
    (attr.exclude_kernel === true ? 0 : HW_BRK_TYPE_KERNEL) |
    (attr.exclude_hv === true ? 0 : HW_BRK_TYPE_HYP);
  return {
    address,
    length: Number(length),
    // A length that was cut to 0 watches from its address on all the same.
    kernelSpace: address >= KERNEL_START || address + length > KERNEL_START,
    conditions: (bp_type & HW_BREAKPOINT_R ? CONDITION_READ : 0) | (bp_type & HW_BREAKPOINT_W ? CONDITION_WRITE : 0),
    hi: highHalf(address),
    lo: lowHalf(address),
    hwLength: Number(hwLength),
    type,
  };
}
