import {
  ATTR_FLAGS,
  PERF_FORMAT_GROUP,
  PERF_FORMAT_ID,
  PERF_FORMAT_LOST,
  PERF_FORMAT_TOTAL_TIME_ENABLED,
  PERF_FORMAT_TOTAL_TIME_RUNNING,
  PERF_SAMPLE_ADDR,
  PERF_SAMPLE_CPU,
  PERF_SAMPLE_IP,
  PERF_SAMPLE_PERIOD,
  PERF_SAMPLE_TID,
  PERF_TYPE_BREAKPOINT,
  type PerfEventAttr,
} from '@hwbp/perf';
import { countArgument, StepError, wordArgument } from '../format/arguments.js';
import type { Step, Value } from '../format/script.js';
import type { AddressBook } from '../player/address-book.js';

const U32_MAX = 0xffff_ffff;
/** Values of the two bits of `precise_ip`. */
const MOST_PRECISE = 3;
const SAMPLE_BITS: Readonly<Record<string, number>> = {
  ip: PERF_SAMPLE_IP,
  tid: PERF_SAMPLE_TID,
  addr: PERF_SAMPLE_ADDR,
  cpu: PERF_SAMPLE_CPU,
  period: PERF_SAMPLE_PERIOD,
};
const READ_BITS: Readonly<Record<string, number>> = {
  enabled: PERF_FORMAT_TOTAL_TIME_ENABLED,
  running: PERF_FORMAT_TOTAL_TIME_RUNNING,
  id: PERF_FORMAT_ID,
  group: PERF_FORMAT_GROUP,
  lost: PERF_FORMAT_LOST,
};
const FLAG_NAMES: ReadonlySet<string> = new Set(ATTR_FLAGS);

function bitsOf(table: Readonly<Record<string, number>>, value: Value | undefined, what: string): number {
  if (value === undefined) return 0;
  if (!Array.isArray(value)) throw new StepError(`${what} is a list of names`);
  let bits = 0;
  for (const name of value as readonly Value[]) {
    const bit = typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;
    if (bit === undefined) throw new StepError(`${what} has no '${String(name)}': ${Object.keys(table).join(', ')}`);
    bits |= bit;
  }
  return bits;
}

/** The attr of an open or a modify: names of bits and flags, addresses by name. Throws a StepError. */
export function attrArgument(step: Step, addresses: AddressBook): PerfEventAttr {
  const { attr } = step;
  if (typeof attr !== 'object' || attr === null || Array.isArray(attr)) {
    throw new StepError(`op ${step.op}: attr is an object`);
  }
  const given = attr as { readonly [key: string]: Value };
  const fields: Step = { ...given, op: step.op };
  const word = (name: string): bigint => (given[name] === undefined ? 0n : wordArgument(fields, name));
  const number = (name: string, most = U32_MAX, fallback = 0): number => countArgument(fields, name, most, fallback);
  const flags = given.flags ?? [];
  if (!Array.isArray(flags)) throw new StepError(`op ${step.op}: flags is a list`);
  const on: Record<string, boolean> = {};
  for (const flag of flags as readonly Value[]) {
    if (typeof flag !== 'string' || !FLAG_NAMES.has(flag))
      throw new StepError(`op ${step.op}: no flag '${String(flag)}'`);
    on[flag] = true;
  }
  const period = word('sample_period');
  return {
    ...on,
    type: number('type', U32_MAX, PERF_TYPE_BREAKPOINT),
    bp_type: number('bp_type'),
    bp_addr: addresses.resolve(given.bp_addr, `op ${step.op}: bp_addr`),
    bp_len: word('bp_len'),
    ...(on.freq === true ? { sample_freq: period } : { sample_period: period }),
    sample_type: bitsOf(SAMPLE_BITS, given.sample_type, 'sample_type'),
    read_format: bitsOf(READ_BITS, given.read_format, 'read_format'),
    sig_data: word('sig_data'),
    wakeup_events: number('wakeup_events'),
    precise_ip: number('precise_ip', MOST_PRECISE),
  };
}
