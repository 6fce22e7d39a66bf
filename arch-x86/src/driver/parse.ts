import {
  CONDITION_FETCH,
  CONDITION_READ,
  CONDITION_WRITE,
  coreError,
  HW_BREAKPOINT_RW,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
  type HwBreakpointAttr,
  hex,
  highHalf,
  invalidRequest,
  type KernelError,
  lastByteOf,
  lowHalf,
  type QuirkSet,
} from '@hwbp/core';
import type { AddressRange, ResolvedFeatures } from '../features.js';
import { RANGE_ENTERS_KERNEL } from '../quirks.js';
import {
  X86_BREAKPOINT_EXECUTE,
  X86_BREAKPOINT_LEN_1,
  X86_BREAKPOINT_LEN_2,
  X86_BREAKPOINT_LEN_4,
  X86_BREAKPOINT_LEN_8,
  X86_BREAKPOINT_RW,
  X86_BREAKPOINT_WRITE,
} from '../silicon/dr7.js';
import type { X86Breakpoint } from './x86-breakpoint.js';

const U64_MAX = 0xffff_ffff_ffff_ffffn;
/**
 * The address mask MSRs hold 32 bits; a range of 4 GiB would need all of them, and Linux's filter no longer tells pages
 * apart.
 */
const LONGEST_RANGE = 0x8000_0000n;

function overlaps(ranges: readonly AddressRange[], first: bigint, last: bigint): boolean {
  return ranges.some(({ start, end }) => first < end && last >= start);
}

/** Linux's type code. x86 cannot watch reads alone, nor data and fetches with one register. */
function typeCode(bp_type: number): number {
  if (bp_type === HW_BREAKPOINT_W) return X86_BREAKPOINT_WRITE;
  if (bp_type === HW_BREAKPOINT_RW) return X86_BREAKPOINT_RW;
  if (bp_type === HW_BREAKPOINT_X) return X86_BREAKPOINT_EXECUTE;
  throw invalidRequest(
    `bp_type ${bp_type}: x86 watches writes (2), reads and writes (3) or execution (4); for reads use 3`,
    {
      bp_type,
    },
  );
}

/** What the silicon reports of a type that {@link typeCode} accepts. */
function conditionsOfType(bp_type: number): number {
  if (bp_type === HW_BREAKPOINT_X) return CONDITION_FETCH;
  return bp_type === HW_BREAKPOINT_W ? CONDITION_WRITE : CONDITION_READ | CONDITION_WRITE;
}

function lengthCode(length: number, features: ResolvedFeatures): number {
  if (length === 1) return X86_BREAKPOINT_LEN_1;
  if (length === 2) return X86_BREAKPOINT_LEN_2;
  if (length === 4) return X86_BREAKPOINT_LEN_4;
  return length === 8 && features.bits === 64 ? X86_BREAKPOINT_LEN_8 : 0;
}

function misaligned(address: bigint, length: number | bigint): KernelError {
  const aligned = address & ~(BigInt(length) - 1n);
  return invalidRequest(
    `address ${hex(address)} is not a multiple of the length ${length}: use ${hex(aligned)} or a shorter length`,
    {
      address,
      length,
    },
  );
}

/**
 * Validates a request and encodes it, in the order of Linux's arch_build_bp_info and hw_breakpoint_arch_parse:
 * wrap-around, and on 32 bits 4 GiB and beyond, EINVAL, protected data EINVAL, type EINVAL, execute's address and
 * length EINVAL, a length that is no power of two EINVAL, a long range that is misaligned EINVAL or has no hardware
 * EOPNOTSUPP, alignment EINVAL.
 */
export function parseRequest(attr: HwBreakpointAttr, features: ResolvedFeatures, quirks?: QuirkSet): X86Breakpoint {
  const { bp_addr: address, bp_type, bp_len } = attr;
  const last = lastByteOf(attr, features.bits === 64 ? 8 : 4);
  if (overlaps(features.protectedRanges, address, last)) {
    throw invalidRequest(
      `${hex(address)} is data that the exception entry needs itself: a breakpoint there would never end`,
      {
        address,
      },
    );
  }
  const type = typeCode(bp_type);
  const common = { hi: highHalf(address), lo: lowHalf(address), conditions: conditionsOfType(bp_type) };
  if (type === X86_BREAKPOINT_EXECUTE) {
    checkExecute(attr, features);
    const kernelSpace = address >= features.taskSize;
    return { address, length: 1, kernelSpace, ...common, len: X86_BREAKPOINT_LEN_1, type, mask: 0 };
  }
  const length = Number(bp_len);
  const len = lengthCode(length, features);
  if (len !== 0) {
    if ((common.lo & (length - 1)) !== 0) throw misaligned(address, length);
    return { address, length, kernelSpace: last >= features.taskSize, ...common, len, type, mask: 0 };
  }
  const mask = rangeMask(address, BigInt(bp_len), features);
  // The length code of a register with a mask says one byte.
  const judged = quirks?.isOn(RANGE_ENTERS_KERNEL) === true ? address : last;
  const kernelSpace = judged >= features.taskSize;
  return { address, length, kernelSpace, ...common, len: X86_BREAKPOINT_LEN_1, type, mask };
}

function checkExecute(attr: HwBreakpointAttr, features: ResolvedFeatures): void {
  const { bp_addr: address, bp_len } = attr;
  if (address >= features.taskSize) {
    if (!features.kprobes) {
      throw invalidRequest(
        `${hex(address)}: this kernel has no kprobes, so none of its text takes an execute breakpoint`,
        {
          address,
        },
      );
    }
    if (overlaps(features.kprobeBlacklist, address, address)) {
      throw invalidRequest(`${hex(address)} lies in text where kprobes, and so execute breakpoints, are forbidden`, {
        address,
      });
    }
  }
  const word = features.bits / 8;
  if (BigInt(bp_len) !== BigInt(word)) {
    throw invalidRequest(`an execute breakpoint has the length of a long, ${word}, got ${bp_len}`, { length: bp_len });
  }
}

/** The address bits that a range leaves out of the comparison. */
function rangeMask(address: bigint, length: bigint, features: ResolvedFeatures): number {
  if (length === 0n || (length & (length - 1n)) !== 0n || length > U64_MAX) {
    const widest = features.bits === 64 ? '1, 2, 4 or 8' : '1, 2 or 4';
    throw invalidRequest(`length ${length} is none that x86 can watch: use ${widest}`, { length });
  }
  if ((address & (length - 1n)) !== 0n) throw misaligned(address, length);
  if (!features.rangeBreakpoints || length > LONGEST_RANGE) {
    throw coreError(
      'HWBP_ARCH_UNSUPPORTED',
      features.rangeBreakpoints
        ? `length ${length}: the longest range is ${LONGEST_RANGE} bytes`
        : `length ${length} needs a CPU with range breakpoints (bpext): compose x86({ rangeBreakpoints: true })`,
      { length },
    );
  }
  return Number(length - 1n);
}
