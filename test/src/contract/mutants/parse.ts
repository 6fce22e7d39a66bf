import type { X86Breakpoint } from '@hwbp/arch-x86';
import { HW_BREAKPOINT_R, HW_BREAKPOINT_RW, HW_BREAKPOINT_X } from '@hwbp/core';
import { backendMutant, type Mutant } from './mutant.js';

export const parseMutants: readonly Mutant[] = [
  backendMutant(
    '#34: execute breakpoints of any length pass',
    ['driver/unlisted-conditions-are-refused', 'together/unlisted-conditions-are-refused'],
    ({ parse }) => ({
      parse: (attr) => parse(attr.bp_type === HW_BREAKPOINT_X && attr.bp_len !== 0 ? { ...attr, bp_len: 8 } : attr),
    }),
  ),
  backendMutant(
    'parse: loads alone pass as loads and stores',
    ['driver/unlisted-conditions-are-refused'],
    ({ parse }) => ({
      parse: (attr) => parse(attr.bp_type === HW_BREAKPOINT_R ? { ...attr, bp_type: HW_BREAKPOINT_RW } : attr),
    }),
  ),
  backendMutant(
    'parse: a misaligned address is rounded down',
    ['driver/unlisted-conditions-are-refused'],
    ({ manifest, parse }) => ({
      parse(attr) {
        const known = manifest.dataLengths.includes(Number(attr.bp_len)) && attr.bp_type !== HW_BREAKPOINT_X;
        return parse(known ? { ...attr, bp_addr: attr.bp_addr & ~(BigInt(attr.bp_len) - 1n) } : attr);
      },
    }),
  ),
  backendMutant('parse: one object for every request', ['driver/parse-is-pure'], ({ parse }) => {
    const only = {} as X86Breakpoint;
    return { parse: (attr) => Object.assign(only, parse(attr)) };
  }),
  backendMutant(
    'parse: kernel addresses are not recognised',
    ['driver/kernel-space-is-judged-by-every-byte', 'together/kernel-addresses-need-privilege-and-the-kernel'],
    ({ parse }) => ({ parse: (attr) => ({ ...parse(attr), kernelSpace: false }) }),
  ),
  backendMutant('V6 c: a disabled breakpoint is not checked', ['scheduler/registered-disabled'], ({ parse }) => ({
    parse: (attr) => parse(attr.disabled === true && attr.bp_len === 0 ? { ...attr, bp_len: 1 } : attr),
  })),
  backendMutant(
    'manifest: lists a length that does not work',
    ['driver/listed-conditions-are-accepted-and-hit'],
    ({ manifest }) => ({ manifest: Object.freeze({ ...manifest, dataLengths: Object.freeze([1, 2, 3, 4, 8]) }) }),
  ),
  backendMutant('manifest: not frozen', ['driver/manifest-is-frozen-plain-data'], ({ manifest }) => ({
    manifest: { ...manifest },
  })),
];
