/** The flag bits of perf_event_attr (the 64-bit field at offset 40), under their own names. */
export interface AttrFlags {
  /** Opened but not counting until it is enabled. */
  readonly disabled?: boolean;
  /** Children get it too. */
  readonly inherit?: boolean;
  /** Always on the PMU while its context is, or in error. Group leaders only. */
  readonly pinned?: boolean;
  /** Alone on the PMU. Group leaders only. */
  readonly exclusive?: boolean;
  readonly exclude_user?: boolean;
  readonly exclude_kernel?: boolean;
  readonly exclude_hv?: boolean;
  readonly exclude_idle?: boolean;
  /** Record PERF_RECORD_MMAP of executable mappings. */
  readonly mmap?: boolean;
  /** Record PERF_RECORD_COMM. */
  readonly comm?: boolean;
  /** `sample_freq` is meant, not `sample_period`. */
  readonly freq?: boolean;
  /** A task's counts are saved when it is switched out. */
  readonly inherit_stat?: boolean;
  /** Enabled by the next exec. */
  readonly enable_on_exec?: boolean;
  /** Record PERF_RECORD_FORK and PERF_RECORD_EXIT. */
  readonly task?: boolean;
  /** `wakeup_watermark` is meant, not `wakeup_events`. */
  readonly watermark?: boolean;
  /** Record PERF_RECORD_MMAP of data mappings too. */
  readonly mmap_data?: boolean;
  /** Records that are no samples end with the sample's identifying fields. */
  readonly sample_id_all?: boolean;
  readonly exclude_host?: boolean;
  readonly exclude_guest?: boolean;
  readonly exclude_callchain_kernel?: boolean;
  readonly exclude_callchain_user?: boolean;
  /** PERF_RECORD_MMAP2 instead of PERF_RECORD_MMAP. */
  readonly mmap2?: boolean;
  /** PERF_RECORD_COMM tells an exec apart from a new name. */
  readonly comm_exec?: boolean;
  /** `clockid` says which clock gives the times. */
  readonly use_clockid?: boolean;
  /** Record PERF_RECORD_SWITCH. */
  readonly context_switch?: boolean;
  readonly write_backward?: boolean;
  readonly namespaces?: boolean;
  readonly ksymbol?: boolean;
  readonly bpf_event?: boolean;
  readonly aux_output?: boolean;
  readonly cgroup?: boolean;
  readonly text_poke?: boolean;
  readonly build_id?: boolean;
  /** With `inherit`: only threads get it, not processes. */
  readonly inherit_thread?: boolean;
  /** Removed by exec. */
  readonly remove_on_exec?: boolean;
  /** SIGTRAP, in step with the access. */
  readonly sigtrap?: boolean;
}

/** The bit of each flag (include/uapi/linux/perf_event.h). Bits 15 and 16 are `precise_ip`. */
const ATTR_FLAG_BITS: Readonly<Record<keyof AttrFlags, number>> = Object.freeze({
  disabled: 0,
  inherit: 1,
  pinned: 2,
  exclusive: 3,
  exclude_user: 4,
  exclude_kernel: 5,
  exclude_hv: 6,
  exclude_idle: 7,
  mmap: 8,
  comm: 9,
  freq: 10,
  inherit_stat: 11,
  enable_on_exec: 12,
  task: 13,
  watermark: 14,
  mmap_data: 17,
  sample_id_all: 18,
  exclude_host: 19,
  exclude_guest: 20,
  exclude_callchain_kernel: 21,
  exclude_callchain_user: 22,
  mmap2: 23,
  comm_exec: 24,
  use_clockid: 25,
  context_switch: 26,
  write_backward: 27,
  namespaces: 28,
  ksymbol: 29,
  bpf_event: 30,
  aux_output: 31,
  cgroup: 32,
  text_poke: 33,
  build_id: 34,
  inherit_thread: 35,
  remove_on_exec: 36,
  sigtrap: 37,
});

/** Names of all flags, lowest bit first. */
export const ATTR_FLAGS = Object.freeze(Object.keys(ATTR_FLAG_BITS) as readonly (keyof AttrFlags)[]);

const PRECISE_IP_BIT = 15n;
const PRECISE_IP_MASK = 3n;

/** The 64-bit field of the flags and of `precise_ip`. Throws a TypeError for a `precise_ip` outside 0 to 3. */
export function encodeFlags(flags: AttrFlags & { readonly precise_ip?: number }): bigint {
  const { precise_ip = 0 } = flags;
  if (!Number.isInteger(precise_ip) || precise_ip < 0 || precise_ip > 3) {
    throw new TypeError(`precise_ip is a number from 0 to 3, got ${String(precise_ip)}`);
  }
  let bits = BigInt(precise_ip) << PRECISE_IP_BIT;
  for (const name of ATTR_FLAGS) if (flags[name] === true) bits |= 1n << BigInt(ATTR_FLAG_BITS[name]);
  return bits;
}

/** Bits that have no meaning. */
const RESERVED = ~((1n << BigInt(ATTR_FLAG_BITS.sigtrap + 1)) - 1n);

/** The flags that are set, `precise_ip` unless 0, and the bits that have no meaning. */
export function decodeFlags(bits: bigint): { flags: AttrFlags & { precise_ip?: number }; reserved: bigint } {
  const flags: { -readonly [name in keyof AttrFlags]: boolean } & { precise_ip?: number } = {};
  for (const name of ATTR_FLAGS) if ((bits >> BigInt(ATTR_FLAG_BITS[name])) & 1n) flags[name] = true;
  const precise = Number((bits >> PRECISE_IP_BIT) & PRECISE_IP_MASK);
  if (precise !== 0) flags.precise_ip = precise;
  return { flags, reserved: bits & RESERVED };
}
