import { coreError, type KernelError } from '../errors/index.js';
import { CONDITION_FETCH, CONDITION_READ, CONDITION_WRITE, hex, highHalf, lowHalf } from '../hardware/index.js';
import { HW_BREAKPOINT_R, HW_BREAKPOINT_W, HW_BREAKPOINT_X, type HwBreakpointAttr, typeLetters } from './attr.js';
import type { AccessKind, ArchManifest } from './manifest.js';
import type { RangeBreakpoint } from './range-breakpoint.js';

const KINDS: ReadonlyMap<AccessKind, number> = new Map([
  ['r', CONDITION_READ],
  ['w', CONDITION_WRITE],
  ['rw', CONDITION_READ | CONDITION_WRITE],
  ['x', CONDITION_FETCH],
]);

const DATA_TYPES = new Set([HW_BREAKPOINT_R, HW_BREAKPOINT_W, HW_BREAKPOINT_R | HW_BREAKPOINT_W]);
const ALL_TYPES = HW_BREAKPOINT_R | HW_BREAKPOINT_W | HW_BREAKPOINT_X;

/** EINVAL: for what a backend's `parse` refuses. The message says what would help. */
export function invalidRequest(message: string, details?: Readonly<Record<string, unknown>>): KernelError {
  return coreError('HWBP_ARCH_INVALID', message, details);
}

/**
 * The last byte of what a request names. EINVAL if it has no bytes, or runs past the last address of `wordSize` bytes.
 * A length of 64 bits is one.
 */
export function lastByteOf({ bp_addr, bp_len }: HwBreakpointAttr, wordSize: 4 | 8): bigint {
  const length = BigInt(bp_len);
  if (length <= 0n) throw invalidRequest(`${hex(bp_addr)} with length ${length} watches nothing`, { length });
  const last = bp_addr + length - 1n;
  if (last >> BigInt(8 * wordSize) === 0n) return last;
  const what = `${hex(bp_addr)} with length ${length} runs beyond the last address of a ${8 * wordSize}-bit CPU`;
  throw invalidRequest(what, { address: bp_addr, length });
}

/**
 * The `CONDITION_*` flags of a type. EINVAL unless a manifest lists just that kind, without any other bit; ENODEV for
 * data where there are registers for it and it lists no kind of data.
 */
export function conditionsOf(bp_type: number, { name, access, slots }: ArchManifest): number {
  const kind = access.find((listed) => listed === typeLetters(bp_type));
  const conditions = kind === undefined || (bp_type & ~ALL_TYPES) !== 0 ? undefined : KINDS.get(kind);
  if (conditions !== undefined) return conditions;
  if (slots.data > 0 && DATA_TYPES.has(bp_type) && access.every((listed) => listed === 'x')) {
    const message = `no register of ${name} can be programmed to watch data, though requests for it are accounted`;
    throw coreError('HWBP_ARCH_NO_DEVICE', message, { bp_type });
  }
  throw invalidRequest(`bp_type ${bp_type}: ${name} watches ${access.join(', ') || 'nothing'}`, { bp_type });
}

/**
 * Validates a request by what the manifest says, and says what it watches: EINVAL for a range that wraps around, then
 * for a kind (see {@link conditionsOf}), a length and an address that are not listed. `longer` tells which lengths
 * beyond the listed ones, up to `longestRange`, work at an address; where it is absent none does.
 */
export function parseRange(
  attr: HwBreakpointAttr,
  manifest: ArchManifest,
  longer: (address: bigint, length: bigint) => boolean = () => false,
): RangeBreakpoint {
  const { bp_addr: address, bp_type } = attr;
  const last = lastByteOf(attr, manifest.wordSize);
  const conditions = conditionsOf(bp_type, manifest);
  const asked = BigInt(attr.bp_len);
  const halves = { hi: highHalf(address), lo: lowHalf(address) };
  if (conditions === CONDITION_FETCH) {
    checkExecution(address, asked, manifest);
    return { address, length: 1, kernelSpace: address >= manifest.kernelStart, conditions, ...halves };
  }
  const beyond = asked <= BigInt(manifest.longestRange) && longer(address, asked);
  if (!beyond) checkData(address, asked, last, manifest);
  return { address, length: Number(asked), kernelSpace: last >= manifest.kernelStart, conditions, ...halves };
}

function checkExecution(address: bigint, length: bigint, manifest: ArchManifest): void {
  const { name, executeLengths, instructionAlignment } = manifest;
  if (!executeLengths.some((listed) => BigInt(listed) === length)) {
    const message = `an execute breakpoint of ${name} has length ${executeLengths.join(' or ')}, got ${length}`;
    throw invalidRequest(message, { length });
  }
  if (address % BigInt(instructionAlignment) !== 0n) {
    const message = `no instruction of ${name} begins at ${hex(address)}, which is no multiple of ${instructionAlignment}`;
    throw invalidRequest(message, { address });
  }
}

function checkData(address: bigint, length: bigint, last: bigint, manifest: ArchManifest): void {
  const { name, dataLengths, alignment, granule } = manifest;
  if (!dataLengths.some((listed) => BigInt(listed) === length)) {
    throw invalidRequest(`${name} watches ${lengthsOf(dataLengths)} bytes there, not ${length}`, { address, length });
  }
  if (alignment === 'natural' && address % length !== 0n) {
    const nearest = hex(address - (address % length));
    const message = `${hex(address)} is no multiple of the length ${length}: use ${nearest} or a shorter length`;
    throw invalidRequest(message, { address, length });
  }
  const block = BigInt(granule);
  if (alignment === 'granule' && address / block !== last / block) {
    const message = `${hex(address)} with length ${length} crosses a multiple of ${granule}, which ${name} cannot watch`;
    throw invalidRequest(message, { address, length });
  }
}

/** Lengths as a message names them: all of few, the ends of many. */
function lengthsOf(lengths: readonly number[]): string {
  return lengths.length <= 8 ? lengths.join(', ') : `${lengths[0]} to ${lengths.at(-1)}`;
}
