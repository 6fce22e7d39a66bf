import { ARM64_QUIRKS, arm64 } from '@hwbp/arch-arm64';
import { EVENT_QUIRKS, type KernelSymbol, perfEvents, USED_UP_STAYS_STOPPED } from '@hwbp/core';
import { PERF_QUIRKS, PERF_TYPE_BREAKPOINT } from '@hwbp/perf';
import { z } from 'zod';
import { stepsSchema } from '../format/line-format.js';
import type { Script } from '../format/script.js';
import { EVENT_OPS } from '../ops/event-ops.js';
import { readFree } from '../ops/free-slots.js';
import { readCounts } from '../ops/read-back.js';
import { TASK_OPS } from '../ops/task-ops.js';
import type { RecordedArchitecture, RecordedKernel } from '../player/recorded-architecture.js';
import { ACCESS_OPS } from './access-ops.js';
import { type Config, configSchema, featuresOf } from './config.js';
import { CONTROL } from './control.js';
import { MEMORY_OPS } from './memory-ops.js';
import { REGSET_OPS, readHardware } from './regset-ops.js';
import { remoteCopy } from './remote-copy.js';
import { Arm64Worker } from './worker.js';

/** What probes of free slots open. */
const PROBES = {
  data: { type: PERF_TYPE_BREAKPOINT, bp_type: 2, bp_addr: 0x1000_f000n, bp_len: 8, disabled: true },
  inst: { type: PERF_TYPE_BREAKPOINT, bp_type: 4, bp_addr: 0x2000_20f0n, bp_len: 4, disabled: true },
} as const;

const lineSchema = z
  .object({
    suite: z.string(),
    id: z.string(),
    cfg: configSchema,
    setup: z.looseObject({}),
    steps: stepsSchema,
  })
  // What the script says of its machine is part of its set-up: the line is written from there.
  .transform(({ cfg, setup, ...line }) => ({ ...line, setup: { ...setup, cfg } }));

const configOf = ({ setup }: Script): Config => configSchema.parse(setup.cfg);

function symbolsOf({ ksyms = {} }: Config): KernelSymbol[] {
  return Object.entries(ksyms).map(([name, address]) => ({
    name,
    address: BigInt(address),
    size: 0,
    type: 'function',
  }));
}

function kernel(script: Script): RecordedKernel {
  const config = configOf(script);
  return {
    arch: arm64(featuresOf(config)),
    cpus: config.cpus,
    breakpointScheduler: perfEvents(),
    symbols: symbolsOf(config),
    // Neither of the recorded kernels has it yet.
    quirks: { [USED_UP_STAYS_STOPPED.name]: false },
    perf: { perf_event_paranoid: config.perf_event_paranoid },
  };
}

/** Recordings of arm64. */
export const ARM64: RecordedArchitecture = {
  name: 'arm64',
  lines: {
    claims: (line) => 'steps' in line && 'cfg' in line && typeof line.cfg === 'object',
    schema: lineSchema,
    write: ({ format: _format, setup: { cfg, ...setup }, suite, id, steps }) => ({ suite, id, cfg, setup, steps }),
  },
  quirks: [...ARM64_QUIRKS, ...EVENT_QUIRKS, ...PERF_QUIRKS],
  kernel,
  kernelText: 0xffff_8000_0900_0000n,
  unprivilegedCopies: true,
  remoteCopy,
  worker: (kernel) => new Arm64Worker(kernel),
  control: CONTROL,
  ops: { ...TASK_OPS, ...MEMORY_OPS, ...EVENT_OPS, ...REGSET_OPS, ...ACCESS_OPS },
  results: {
    all: ['ret', 'errno', 'stops', 'end', 'after'],
    of: {
      get: ['got', 'info', 'pad', 'regs'],
      set: ['got'],
      attach: ['sig'],
      access: ['stx'],
      read: ['value', 'values', 'enabled', 'running', 'times'],
      self_access: ['traps', 'trap_addr'],
    },
  },
  readBack: {
    hw: (stage) => ({ hw: readHardware(stage) }),
    count: readCounts,
    free: (stage) => ({ free: { data: readFree(stage, PROBES.data), inst: readFree(stage, PROBES.inst) } }),
  },
  // An op takes the recorder's time, on its CPU.
  around: ({ self }) => self.wake(),
};
