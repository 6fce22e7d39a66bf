import {
  type ArchBackend,
  CONDITION_READ,
  CONDITION_WRITE,
  coreError,
  defineManifest,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_RW,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
  type HwBreakpointAttr,
  hex,
  type KernelError,
  lowHalf,
} from '@hwbp/core';
import { type HeronBreakpoint, HeronDriver } from './heron-driver.js';
import { HeronPort } from './heron-port.js';
import { HeronUnit, trapAt, WATCHES } from './heron-unit.js';

const TASK_SIZE = 0x8000_0000n;
const LAST = 0xffff_ffffn;
const LONGEST = 16;

/** What the Heron can do, and where things lie. */
const MANIFEST = defineManifest({
  name: 'heron',
  slots: { data: WATCHES, instruction: 1, shared: false },
  access: ['r', 'w', 'rw', 'x'],
  dataLengths: Array.from({ length: LONGEST }, (_, i) => i + 1),
  executeLength: 4,
  alignment: 'any',
  granule: 1,
  timing: { data: 'after', execute: 'before' },
  privilegeFilter: false,
  longestRange: 0,
  wordSize: 4,
  pageSize: 4096,
  taskSize: TASK_SIZE,
  directMap: 0xc000_0000n,
  byteOrder: 'big',
});

const invalid = (message: string): KernelError => coreError('HWBP_ARCH_INVALID', message);

function parse({ bp_addr: address, bp_type, bp_len }: HwBreakpointAttr): HeronBreakpoint {
  const asked = BigInt(bp_len);
  const last = address + asked - 1n;
  if (asked === 0n || last > LAST) throw invalid(`${hex(address)} with length ${asked} is no range of 32 bits`);
  const lo = lowHalf(address);
  if (bp_type === HW_BREAKPOINT_X) {
    if (asked !== BigInt(MANIFEST.wordSize)) throw invalid(`an execute breakpoint has length 4, got ${asked}`);
    return { address, length: 1, kernelSpace: address >= TASK_SIZE, setting: trapAt(lo) };
  }
  if (bp_type === 0 || (bp_type & ~HW_BREAKPOINT_RW) !== 0)
    throw invalid(`bp_type ${bp_type}: use 1, 2, 3, or 4 alone`);
  if (asked > BigInt(LONGEST)) throw invalid(`a watch has at most ${LONGEST} bytes, got ${asked}`);
  const length = Number(asked);
  const conditions =
    (bp_type & HW_BREAKPOINT_R ? CONDITION_READ : 0) | (bp_type & HW_BREAKPOINT_W ? CONDITION_WRITE : 0);
  return { address, length, kernelSpace: last >= TASK_SIZE, setting: { lo, length, conditions } };
}

/** The Heron, whole: `composeKernel({ arch: architecture(heron()) })`. */
export function heron(): ArchBackend<HeronBreakpoint> {
  return {
    manifest: MANIFEST,
    createUnit: () => new HeronUnit(),
    createDriver: (holder) => new HeronDriver(holder),
    parse,
    connect: (host) => new HeronPort(host),
  };
}
