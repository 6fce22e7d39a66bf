import { perfError } from '../errors.js';
import { encodeFlags } from './flags.js';
import { ATTR_LAYOUT, type AttrField, type AttrFieldName, PERF_ATTR_SIZE_VER7, PERF_ATTR_SIZES } from './layout.js';
import type { PerfEventAttr, U64 } from './perf-event-attr.js';
import { PERF_TYPE_BREAKPOINT } from './types.js';

/** One value for storage that has two names. Throws a TypeError if both are given and differ. */
function either(attr: PerfEventAttr, first: keyof PerfEventAttr, second: keyof PerfEventAttr): U64 | undefined {
  const [a, b] = [attr[first] as U64 | undefined, attr[second] as U64 | undefined];
  if (a !== undefined && b !== undefined && BigInt(a) !== BigInt(b)) {
    throw new TypeError(`${first} and ${second} are one field of perf_event_attr, and cannot be ${a} and ${b}`);
  }
  return a ?? b;
}

/** What each field's storage holds. */
function storage(attr: PerfEventAttr, size: number): Partial<Record<AttrFieldName, U64 | undefined>> {
  const { freq = false, watermark = false } = attr;
  const breakpoint = attr.type === PERF_TYPE_BREAKPOINT;
  return {
    type: attr.type,
    size,
    config: attr.config,
    sample_period: freq ? either(attr, 'sample_freq', 'sample_period') : either(attr, 'sample_period', 'sample_freq'),
    sample_type: attr.sample_type,
    read_format: attr.read_format,
    flags: encodeFlags(attr),
    wakeup: watermark
      ? either(attr, 'wakeup_watermark', 'wakeup_events')
      : either(attr, 'wakeup_events', 'wakeup_watermark'),
    bp_type: attr.bp_type,
    bp_addr: breakpoint ? either(attr, 'bp_addr', 'config1') : either(attr, 'config1', 'bp_addr'),
    bp_len: breakpoint ? either(attr, 'bp_len', 'config2') : either(attr, 'config2', 'bp_len'),
    branch_sample_type: attr.branch_sample_type,
    sample_regs_user: attr.sample_regs_user,
    sample_stack_user: attr.sample_stack_user,
    clockid: attr.clockid,
    sample_regs_intr: attr.sample_regs_intr,
    aux_watermark: attr.aux_watermark,
    sample_max_stack: attr.sample_max_stack,
    aux_sample_size: attr.aux_sample_size,
    sig_data: attr.sig_data,
    config3: attr.config3,
  };
}

/** A value as the bits of its field. Throws a TypeError if it is none that the field can hold. */
function bitsOf(name: string, value: U64, { width, signed }: AttrField): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new TypeError(`${name} is a whole number, exact: give ${String(value)} as a bigint`);
  }
  const exact = BigInt(value);
  const bits = BigInt(width * 8);
  const [least, most] = signed ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
  if (exact < least || exact > most) throw new TypeError(`${name} has ${bits} bits, ${exact} does not fit`);
  return BigInt.asUintN(width * 8, exact);
}

/**
 * The binary structure, little endian, of `attr.size` bytes (default 128, which every perf since 5.13 reads). Throws a
 * KernelError E2BIG if a field that is not zero lies behind that size (64 bytes lose `bp_len`), a TypeError for a value
 * that its field cannot hold and for a size that was never published.
 */
export function encodeAttr(attr: PerfEventAttr): Uint8Array {
  const size = attr.size ?? PERF_ATTR_SIZE_VER7;
  if (!PERF_ATTR_SIZES.includes(size)) {
    throw new TypeError(`the size of a perf_event_attr is one of ${PERF_ATTR_SIZES.join(', ')}, got ${String(size)}`);
  }
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  for (const [name, value] of Object.entries(storage(attr, size)) as [AttrFieldName, U64 | undefined][]) {
    if (value === undefined) continue;
    const field: AttrField = ATTR_LAYOUT[name];
    const bits = bitsOf(name, value, field);
    const end = field.offset + field.width;
    if (end > size) {
      if (bits === 0n) continue;
      throw perfError(
        'PERF_ATTR_CUT',
        `a perf_event_attr of ${size} bytes has no ${name}, which is ${value}: use a size of ${PERF_ATTR_SIZES.find((known) => known >= end)}`,
        { field: name, size },
      );
    }
    if (field.width === 8) view.setBigUint64(field.offset, bits, true);
    else if (field.width === 4) view.setUint32(field.offset, Number(bits), true);
    else view.setUint16(field.offset, Number(bits), true);
  }
  return bytes;
}
