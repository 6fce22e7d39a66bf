import type { Step } from '../format/transcript.js';

const READBACK = ['ret', 'errno', 'dr0'];
/** The fields of each op that were recorded, not asked for. */
const RESULTS: Readonly<Record<string, readonly string[]>> = {
  gethwdbginfo: [
    'ret',
    'errno',
    'version',
    'num_insn_bps',
    'num_data_bps',
    'num_cond_regs',
    'data_bp_alignment',
    'sizeof_condition',
    'features',
  ],
  get_debugreg: ['ret', 'errno', 'val'],
  get_debugreg_badptr: ['ret', 'errno', 'val'],
  fork: ['child', 'dr0', 'ret', 'errno'],
  exec: ['ret', 'errno', 'stop', 'st', 'dr0'],
  perf_open: ['ret', 'errno', 'h'],
  read: ['ret', 'errno', 'count'],
  access: ['ret', 'errno', 'stops', 'mem_changed', 'hits', 'delta', 'wait'],
};

/** A step without its results. */
export function argumentsOf(step: Step): Step {
  const results = Object.hasOwn(RESULTS, step.op) ? RESULTS[step.op] : undefined;
  const kept = Object.entries(step).filter(([field]) => !(results ?? READBACK).includes(field));
  return Object.fromEntries(kept) as Step;
}
