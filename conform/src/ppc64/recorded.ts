import { overlapExclusion, PPC64_QUIRKS, ppc64 } from '@hwbp/arch-ppc64';
import { EVENT_QUIRKS, linuxSlotPolicy, perfEvents } from '@hwbp/core';
import { PERF_QUIRKS } from '@hwbp/perf';
import { z } from 'zod';
import { StepError } from '../format/arguments.js';
import { stepsSchema } from '../format/line-format.js';
import type { Script, Step, Value } from '../format/script.js';
import type { RecordedArchitecture, RecordedKernel } from '../player/recorded-architecture.js';
import { type Config, configOf } from './config.js';
import { CONTROL } from './control.js';
import { DEBUG_OPS } from './debug-ops.js';
import { EVENT_OPS } from './event-ops.js';
import { beginWithTasks } from './numbered-tasks.js';
import { TASK_OPS } from './task-ops.js';
import { Ppc64Worker } from './worker.js';

const lineSchema = z
  .object({
    suite: z.string(),
    cfg: z.string(),
    id: z.union([z.string(), z.number()]),
    seed: z.union([z.string(), z.number()]).optional(),
    ops: stepsSchema,
  })
  .transform(({ suite, ops, ...setup }) => ({ suite, id: String(setup.id), setup, steps: ops }));

function configured({ setup }: Script): Config {
  const config = configOf(String(setup.cfg));
  if (config === undefined) throw new StepError(`cfg ${String(setup.cfg)} is not known`);
  return config;
}

function kernel(script: Script): RecordedKernel {
  const { features, overlapRule, quirks } = configured(script);
  return {
    arch: ppc64(features),
    // Only the constraints were recorded on two CPUs.
    cpus: script.suite === 'PC' ? 2 : 1,
    breakpointScheduler: perfEvents(),
    slotPolicy: overlapRule ? overlapExclusion() : linuxSlotPolicy(),
    quirks,
    perf: { refusesEndedLeader: false },
  };
}

function isRecord(value: Value | undefined): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How often the kernel's copy loop hits depends on the loop: what counts is whether it does. */
function comparable(step: Step): Step {
  const { insn, delta } = step;
  if (typeof insn !== 'string' || !insn.startsWith('sys_') || !isRecord(delta)) return step;
  const counts = Object.entries(delta).map(([event, count]): [string, Value] => [event, count === 0 ? 0 : 'some']);
  return { ...step, delta: Object.fromEntries(counts) };
}

/** Recordings of 64-bit PowerPC. */
export const PPC64: RecordedArchitecture = {
  name: 'ppc64',
  lines: {
    claims: (line) => 'ops' in line && !('steps' in line),
    schema: lineSchema,
    write: ({ suite, setup, steps }) => ({ suite, ...setup, ops: steps }),
  },
  quirks: [...PPC64_QUIRKS, ...EVENT_QUIRKS, ...PERF_QUIRKS],
  obstacle: ({ setup }) => (configOf(String(setup.cfg)) === undefined ? `needs ${String(setup.cfg)}` : undefined),
  kernel,
  kernelText: 0xc000_0000_0001_0000n,
  worker: ({ machine }, script) => new Ppc64Worker(machine, configured(script).hashed),
  control: CONTROL,
  ops: { ...DEBUG_OPS, ...TASK_OPS, ...EVENT_OPS },
  results: {
    all: ['ret', 'errno', 'dr0'],
    of: {
      gethwdbginfo: [
        'version',
        'num_insn_bps',
        'num_data_bps',
        'num_cond_regs',
        'data_bp_alignment',
        'sizeof_condition',
        'features',
      ],
      get_debugreg: ['val'],
      get_debugreg_badptr: ['val'],
      fork: ['child'],
      exec: ['stop', 'st'],
      perf_open: ['h'],
      read: ['count'],
      access: ['stops', 'mem_changed', 'hits', 'delta', 'wait'],
    },
  },
  begin: beginWithTasks,
  comparable,
};
