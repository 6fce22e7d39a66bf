import { perfError } from '../errors.js';
import { checkAttrBits } from './check-attr.js';
import { decodeFlags } from './flags.js';
import { ATTR_LAYOUT, type AttrField, type AttrFieldName, PERF_ATTR_SIZE_VER0, PERF_ATTR_SIZE_VER8 } from './layout.js';
import type { PerfEventAttr, U64 } from './perf-event-attr.js';
import { PERF_TYPE_BREAKPOINT } from './types.js';

/** A structure longer than this is refused (PAGE_SIZE on x86). */
const MOST_BYTES = 4096;

/** A number where that is exact. */
function u64(value: bigint): U64 {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function readField(view: DataView, { offset, width, signed }: AttrField, size: number): bigint {
  if (offset + width > size) return 0n;
  if (width === 8) return view.getBigUint64(offset, true);
  if (width === 2) return BigInt(view.getUint16(offset, true));
  return BigInt(signed ? view.getInt32(offset, true) : view.getUint32(offset, true));
}

function sizeOf(bytes: Uint8Array, view: DataView): number {
  const said = bytes.length < 8 ? 0 : view.getUint32(4, true);
  const size = said === 0 && bytes.length >= PERF_ATTR_SIZE_VER0 ? PERF_ATTR_SIZE_VER0 : said;
  const refuse = (why: string) =>
    perfError('PERF_ATTR_SIZE', `${why}; known sizes are ${PERF_ATTR_SIZE_VER0} to ${PERF_ATTR_SIZE_VER8} bytes`, {
      size,
      known: PERF_ATTR_SIZE_VER8,
    });
  if (size > bytes.length) throw refuse(`a perf_event_attr says it has ${size} bytes, and ${bytes.length} are there`);
  if (size < PERF_ATTR_SIZE_VER0 || size > MOST_BYTES) throw refuse(`a perf_event_attr of ${size} bytes`);
  const unknown = bytes
    .subarray(PERF_ATTR_SIZE_VER8, Math.max(size, PERF_ATTR_SIZE_VER8))
    .findIndex((byte) => byte !== 0);
  if (unknown < 0) return size;
  throw refuse(
    `a perf_event_attr of ${size} bytes has a bit set at offset ${PERF_ATTR_SIZE_VER8 + unknown}, which is not known here`,
  );
}

/**
 * Reads the binary structure, little endian; `bytes` may go on behind it. Its own `size` counts, 0 means 64 (as in
 * Linux); bytes that this package does not know must be zero. The result has `size`, the fields that are not zero, and
 * of a breakpoint `bp_type`, `bp_addr` and `bp_len` always. Throws a KernelError: E2BIG for a size, EINVAL for reserved
 * bits.
 */
export function decodeAttr(bytes: Uint8Array): PerfEventAttr & { readonly size: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = sizeOf(bytes, view);
  const at = (name: AttrFieldName): bigint => readField(view, ATTR_LAYOUT[name], size);
  const number = (name: AttrFieldName): number => Number(at(name));
  const { flags, reserved } = decodeFlags(at('flags'));
  if (reserved !== 0n || at('reserved_2') !== 0n || at('reserved_3') !== 0n) {
    throw perfError('PERF_ATTR_RESERVED', 'a reserved bit of a perf_event_attr is set: clear it', {
      flags: reserved,
      reserved_2: number('reserved_2'),
      reserved_3: number('reserved_3'),
    });
  }
  const type = number('type');
  const attr: Record<string, U64 | boolean> = { ...flags };
  const set = (name: string, value: U64): void => {
    if (value !== 0 && value !== 0n) attr[name] = value;
  };
  for (const name of ['config', 'branch_sample_type', 'sample_regs_user', 'sample_regs_intr', 'config3'] as const) {
    set(name, u64(at(name)));
  }
  for (const name of ['sample_type', 'read_format', 'bp_type', 'sample_stack_user', 'clockid'] as const) {
    set(name, number(name));
  }
  for (const name of ['aux_watermark', 'sample_max_stack', 'aux_sample_size'] as const) set(name, number(name));
  set(flags.freq ? 'sample_freq' : 'sample_period', u64(at('sample_period')));
  set(flags.watermark ? 'wakeup_watermark' : 'wakeup_events', number('wakeup'));
  set('sig_data', at('sig_data'));
  if (type === PERF_TYPE_BREAKPOINT) {
    attr.bp_type = number('bp_type');
    attr.bp_addr = at('bp_addr');
    attr.bp_len = u64(at('bp_len'));
  } else {
    set('config1', u64(at('bp_addr')));
    set('config2', u64(at('bp_len')));
  }
  const decoded = { ...attr, type, size } as PerfEventAttr & { readonly size: number };
  checkAttrBits(decoded);
  return decoded;
}
