import { ADDRESS, checkOptions, FLAG, type Kind, kind, oneOf } from '@hwbp/core';
import { X86_MODELS, type X86Model, type X86ModelName } from './silicon/model.js';

/** A range of addresses, the end excluded. */
export interface AddressRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** Facts of the CPU and of the kernel's build. Data of the composition, not quirks. */
export interface X86Features {
  /** 64 (default) or 32: a kernel of that width. */
  readonly bits?: 64 | 32;
  /** The CPU has AMD's `bpext`: one register can watch an aligned power-of-two range up to 2 GiB. Default false. */
  readonly rangeBreakpoints?: boolean;
  /** Kprobes are built in (default true). Without them no kernel address takes an execute breakpoint. */
  readonly kprobes?: boolean;
  /** Kernel text in which kprobes, and so execute breakpoints, are forbidden. */
  readonly kprobeBlacklist?: readonly AddressRange[];
  /**
   * Data that the entry code needs before it can take a #DB, where no breakpoint may be. Default: the CPU entry area of
   * a 64-bit kernel without KASLR, 0xfffffe0000000000 to 0xfffffe7fffffffff.
   */
  readonly protectedRanges?: readonly AddressRange[];
  /** First address above user space. Default 0x7ffffffff000 (4-level paging), 0xc0000000 on 32 bits. */
  readonly taskSize?: bigint;
  /**
   * The virtual DR6 as agreed in 2007: hits from kernel mode on a debugger's watches count, their bits accumulate until
   * the debugger is told (on the return to user mode), and no other hit touches them. Default false: hits from kernel
   * mode are dropped, and each exception in user mode replaces the bits of the one before, as Linux has done since
   * 2009.
   */
  readonly accumulateDr6?: boolean;
  /** Of the debug units: CR4.DE. Default true. */
  readonly debuggingExtensions?: boolean;
  /** Of the debug units: B bits of registers that are not enabled. Default true. */
  readonly spuriousStatus?: boolean;
  /** Where CPUs differ: a name in `X86_MODELS`, or the facts themselves. Default `generic`. */
  readonly model?: X86ModelName | X86Model;
}

const CPU_ENTRY_AREA: AddressRange = Object.freeze({ start: 0xffff_fe00_0000_0000n, end: 0xffff_fe80_0000_0000n });

/** Every fact, decided. */
export type ResolvedFeatures = Required<Omit<X86Features, 'model'>> & { readonly model: X86Model };

function isRange(value: Partial<AddressRange> | null | undefined): boolean {
  return typeof value?.start === 'bigint' && typeof value.end === 'bigint';
}

const RANGES = kind(
  'a list of address ranges, such as [{ start: 0x1000n, end: 0x2000n }]',
  (value) => Array.isArray(value) && value.every(isRange),
);
function isModel(value: unknown): boolean {
  if (typeof value === 'string') return Object.hasOwn(X86_MODELS, value);
  const { writableControl, statusAccumulates, virtualization } = (value ?? {}) as Partial<X86Model>;
  return typeof writableControl === 'number' && typeof statusAccumulates === 'boolean' && virtualization !== undefined;
}

const MODEL = kind(`a CPU model (${Object.keys(X86_MODELS).join(', ')}), or an object like X86_MODELS.amd`, isModel);
const FEATURES: Readonly<Record<keyof X86Features, Kind>> = {
  bits: oneOf(64, 32),
  rangeBreakpoints: FLAG,
  kprobes: FLAG,
  kprobeBlacklist: RANGES,
  protectedRanges: RANGES,
  taskSize: ADDRESS,
  accumulateDr6: FLAG,
  debuggingExtensions: FLAG,
  spuriousStatus: FLAG,
  model: MODEL,
};

/** Fills in the defaults. Throws a TypeError for a fact that there is not, and for one of a wrong type. */
export function resolveFeatures(features: X86Features): ResolvedFeatures {
  checkOptions('x86', features, FEATURES);
  const { bits = 64, model = 'generic' } = features;
  return {
    bits,
    rangeBreakpoints: features.rangeBreakpoints ?? false,
    kprobes: features.kprobes ?? true,
    kprobeBlacklist: features.kprobeBlacklist ?? [],
    protectedRanges: features.protectedRanges ?? (bits === 64 ? [CPU_ENTRY_AREA] : []),
    taskSize: features.taskSize ?? (bits === 64 ? 0x7fff_ffff_f000n : 0xc000_0000n),
    accumulateDr6: features.accumulateDr6 ?? false,
    debuggingExtensions: features.debuggingExtensions ?? true,
    spuriousStatus: features.spuriousStatus ?? true,
    model: typeof model === 'string' ? X86_MODELS[model] : model,
  };
}
