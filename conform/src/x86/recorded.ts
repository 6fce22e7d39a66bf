import { X86_QUIRKS, x86 } from '@hwbp/arch-x86';
import { EVENT_QUIRKS, perfEvents } from '@hwbp/core';
import { PERF_QUIRKS, PERF_TYPE_BREAKPOINT } from '@hwbp/perf';
import { z } from 'zod';
import { stepsSchema } from '../format/line-format.js';
import type { Script } from '../format/script.js';
import { EVENT_OPS } from '../ops/event-ops.js';
import { readFree } from '../ops/free-slots.js';
import { MEMORY_OPS } from '../ops/memory-ops.js';
import { readCounts } from '../ops/read-back.js';
import { TASK_OPS } from '../ops/task-ops.js';
import type { RecordedArchitecture, RecordedKernel } from '../player/recorded-architecture.js';
import { access, nops } from './access-ops.js';
import { CONTROL } from './control.js';
import { peek, poke, readDebugRegisters } from './debug-register-ops.js';
import { machineSchema, resolveMachine } from './machine-facts.js';
import { X86Worker } from './worker.js';

/** What a probe of free slots opens. */
const PROBE = { type: PERF_TYPE_BREAKPOINT, bp_type: 2, bp_addr: 0x1000_f000n, bp_len: 8, disabled: true } as const;

function kernel(script: Script): RecordedKernel {
  const { cpus, bpext, kprobes, taskSize, perfEventParanoid, maxSampleRate } = resolveMachine(script);
  return {
    arch: x86({ rangeBreakpoints: bpext, kprobes, taskSize }),
    cpus,
    breakpointScheduler: perfEvents({ sampleRate: maxSampleRate }),
    perf: { perf_event_paranoid: perfEventParanoid },
  };
}

/** Recordings of x86-64. */
export const X86: RecordedArchitecture = {
  name: 'x86',
  lines: {
    claims: (line) => 'steps' in line && !('cfg' in line),
    schema: z.object({
      suite: z.string(),
      id: z.string(),
      setup: z.looseObject({ machine: machineSchema.optional() }),
      steps: stepsSchema,
    }),
    write: ({ format: _format, ...line }) => line,
  },
  quirks: [...X86_QUIRKS, ...EVENT_QUIRKS, ...PERF_QUIRKS],
  kernel,
  kernelText: 0xffff_ffff_8100_0000n,
  worker: ({ machine }) => new X86Worker(machine),
  control: CONTROL,
  ops: { ...TASK_OPS, ...MEMORY_OPS, ...EVENT_OPS, access, nops, poke, peek },
  results: {
    all: ['ret', 'errno', 'stops', 'end', 'after'],
    of: { peek: ['val'], attach: ['sig'], read: ['value', 'values', 'enabled', 'running', 'times'] },
  },
  readBack: {
    dr: (stage) => ({ dr: readDebugRegisters(stage) }),
    free: (stage) => ({ free: readFree(stage, PROBE) }),
    count: readCounts,
  },
  // An op takes the recorder's time, on its CPU.
  around: ({ self }) => self.wake(),
};
