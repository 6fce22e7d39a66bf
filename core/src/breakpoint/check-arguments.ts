import type { HwBreakpointAttr, SlotClass } from '../arch/index.js';
import { HW_BREAKPOINT_EMPTY, HW_BREAKPOINT_INVALID, HW_BREAKPOINT_RW } from '../arch/index.js';
import type { ArchManifest } from '../arch/manifest.js';
import { coreError } from '../errors/index.js';
import type { RegisterOptions } from './register-options.js';

const FLAGS = ['disabled', 'exclude_user', 'exclude_kernel', 'exclude_hv', 'inherit', 'pinned', 'exclusive'] as const;
const U64 = 1n << 64n;
const ATTR_FIELDS: ReadonlySet<string> = new Set(['bp_type', 'bp_addr', 'bp_len', 'sample_period', ...FLAGS]);
const OPTIONS: ReadonlySet<string> = new Set([
  'owner',
  'priority',
  'delivery',
  'privileged',
  'cpu',
  'uninstalled',
  'installed',
]);

function checkNames(what: string, given: object, known: ReadonlySet<string>): void {
  for (const name in given) {
    if (!known.has(name)) throw new TypeError(`${what} has no '${name}'; it has ${[...known].join(', ')}`);
  }
}

function isLength(value: unknown): boolean {
  if (typeof value === 'bigint') return value >= 0n && value < U64;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Misuse of the library, told apart from requests that a kernel refuses. Throws a TypeError. */
export function checkAttr(attr: HwBreakpointAttr): void {
  if (typeof attr !== 'object' || attr === null) throw new TypeError('a breakpoint needs an attr object');
  checkNames('a breakpoint attr', attr, ATTR_FIELDS);
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
  for (const flag of FLAGS) {
    if (attr[flag] !== undefined && typeof attr[flag] !== 'boolean') {
      throw new TypeError(`${flag} is true or false, got ${String(attr[flag])}`);
    }
  }
}

/** Misuse of the options of a registration. Throws a TypeError. */
export function checkOptions(options: RegisterOptions): void {
  checkNames('a registration', options, OPTIONS);
  const { priority, delivery } = options;
  if (priority !== undefined && !Number.isFinite(priority)) {
    throw new TypeError(`priority is a number, got ${String(priority)}`);
  }
  if (delivery !== undefined && delivery !== 'after' && delivery !== 'silicon') {
    throw new TypeError(`delivery is 'after' or 'silicon', got ${String(delivery)}`);
  }
}

/**
 * The class that a type is accounted in, as Linux finds it: any type with R or W is data. Throws ENOSYS if the architecture
 * has no registers at all, EOPNOTSUPP if it has none of the class, then EINVAL for types that name nothing or everything.
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
