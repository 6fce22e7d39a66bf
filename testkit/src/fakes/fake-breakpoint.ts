import {
  type ArchBreakpoint,
  type ArchManifest,
  CONDITION_FETCH,
  CONDITION_READ,
  CONDITION_WRITE,
  coreError,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
  type HwBreakpointAttr,
  hex,
  highHalf,
  type KernelError,
  lowHalf,
  typeLetters,
} from '@hwbp/core';

/** A validated request in the encoding of the fakes: what was asked, and what the register is programmed with. */
export interface FakeBreakpoint extends ArchBreakpoint {
  /** `CONDITION_*` flags. */
  readonly conditions: number;
  /** First byte that the hardware watches, in halves, and how many: with a granule, more than was asked. */
  readonly hi: number;
  readonly lo: number;
  readonly watched: number;
}

function invalid(message: string): KernelError {
  return coreError('HWBP_ARCH_INVALID', message);
}

/** Validates by the manifest alone: wrap-around, kind, length, alignment; EINVAL for each. */
export function parseFake(attr: HwBreakpointAttr, manifest: ArchManifest): FakeBreakpoint {
  const { bp_addr: address, bp_type } = attr;
  const length = BigInt(attr.bp_len);
  const last = address + length - 1n;
  if (last < address || last >> 64n !== 0n) throw invalid(`${hex(address)} with length ${length} is no range`);
  if (!manifest.access.some((kind) => kind === typeLetters(bp_type)) || bp_type > HW_BREAKPOINT_X) {
    throw invalid(`${manifest.name} cannot watch ${typeLetters(bp_type)}`);
  }
  const kernelSpace = last >= manifest.taskSize;
  const halves = { hi: highHalf(address), lo: lowHalf(address) };
  if (bp_type === HW_BREAKPOINT_X) {
    if (Number(length) !== manifest.executeLength)
      throw invalid(`an execute breakpoint has length ${manifest.executeLength}`);
    return { address, length: 1, kernelSpace, conditions: CONDITION_FETCH, ...halves, watched: 1 };
  }
  if (!manifest.dataLengths.includes(Number(length))) throw invalid(`${manifest.name} cannot watch ${length} bytes`);
  const block = BigInt(manifest.granule);
  if (manifest.alignment === 'natural' && address % length !== 0n)
    throw invalid(`${hex(address)} is no multiple of ${length}`);
  if (manifest.alignment === 'granule' && address / block !== last / block)
    throw invalid(`${hex(address)} crosses a block`);
  const conditions =
    (bp_type & HW_BREAKPOINT_R ? CONDITION_READ : 0) | (bp_type & HW_BREAKPOINT_W ? CONDITION_WRITE : 0);
  const common = { address, length: Number(length), kernelSpace, conditions };
  if (manifest.alignment !== 'granule') return { ...common, ...halves, watched: Number(length) };
  const first = address - (address % block);
  return { ...common, hi: highHalf(first), lo: lowHalf(first), watched: manifest.granule };
}
