import type { Step } from '@hwbp/conform';
import { recorded } from './recorded.js';
import { type Programs, runOnce } from './recorder-process.js';
import { formatPlan } from './script-text.js';

const WATCHED = '0x10000000';

/** A debug register through ptrace, then through perf, each with a store that must hit it. */
const PROBE = formatPlan({
  suite: 'P',
  id: 'probe',
  setup: { after: 'count' },
  steps: [
    { op: 'spawn', task: 't0', cpu: 0 },
    { op: 'poke', task: 't0', reg: 0, val: WATCHED },
    { op: 'poke', task: 't0', reg: 7, val: '0x10001' },
    { op: 'access', task: 't0', insn: 'st1', addr: WATCHED },
    { op: 'poke', task: 't0', reg: 7, val: '0x0' },
    { op: 'open', target: 't0', cpu: -1, attr: { bp_type: 2, bp_addr: WATCHED, bp_len: '0x1', flags: [] } },
    { op: 'access', task: 't0', insn: 'st1', addr: WATCHED },
    { op: 'read', ev: 'e0' },
  ],
});

/** Why nothing can be recorded here, tried out; `undefined` if a register was set and hit. */
export async function probe(programs: Programs): Promise<string | undefined> {
  const [text = ''] = await runOnce(programs, [PROBE]);
  const { script, error } = recorded(text);
  if (script === undefined) return `a task cannot be traced: ${error}`;
  const step = (op: string, number = 0): Step | undefined => script.steps.filter((one) => one.op === op)[number];
  const refused = script.steps.find(({ ret }) => ret === -1);
  if (refused?.op === 'poke') return `ptrace cannot set debug registers: ${String(refused.errno)}`;
  if (refused !== undefined) return `perf events cannot watch memory: ${String(refused.errno)}`;
  const stops = step('access')?.stops;
  if (!Array.isArray(stops) || stops.length !== 1) return 'debug registers can be set, but a store does not hit them';
  if (step('read')?.value !== 1) return 'perf events can be opened, but they do not count';
  return undefined;
}
