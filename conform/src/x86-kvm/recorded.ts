import { X86_QUIRKS, x86 } from '@hwbp/arch-x86';
import { EVENT_QUIRKS, type KernelSymbol, perfEvents } from '@hwbp/core';
import { Kvm } from '@hwbp/kvm';
import { PERF_QUIRKS } from '@hwbp/perf';
import { z } from 'zod';
import { stepsSchema } from '../format/line-format.js';
import { EVENT_OPS } from '../ops/event-ops.js';
import { readCounts } from '../ops/read-back.js';
import type { RecordedArchitecture, RecordedKernel } from '../player/recorded-architecture.js';
import type { Stage } from '../player/stage.js';
import { CONTROL } from '../x86/control.js';
import { X86Worker } from '../x86/worker.js';
import { GUEST_OPS, readGuestRegisters } from './guest-ops.js';
import { HOST_CODE, HOST_OPS, readThreadRegisters } from './host-ops.js';
import { RUN_OPS } from './run-ops.js';

const KERNEL_TEXT = 0xffff_ffff_8100_0000n;
const FUNCTION_SIZE = 0x100;
/** Functions of KVM that scripts name. */
const FUNCTIONS = [
  'kvm_arch_vcpu_ioctl_run',
  'svm_vcpu_run',
  'svm_handle_exit',
  'dr_interception',
  'db_interception',
] as const;

const SYMBOLS: readonly KernelSymbol[] = FUNCTIONS.map((name, index) => ({
  name,
  address: KERNEL_TEXT + BigInt(FUNCTION_SIZE * (index + 1)),
  size: FUNCTION_SIZE,
}));

const CODE_SIZE = 0x1000;

/** Linux 6.1 on two CPUs of an AMD that QEMU emulates, with KVM. */
function kernel(): RecordedKernel {
  return {
    arch: x86({ kprobes: true, model: 'amd-2007', spuriousStatus: false }),
    cpus: 2,
    breakpointScheduler: perfEvents({}),
    perf: {},
    consumers: [Kvm],
    symbols: SYMBOLS,
  };
}

/** The process that has the threads: its code, beside the recorder's own page of data. */
function begin({ self }: Stage): void {
  self.task.memory.map(HOST_CODE, CODE_SIZE, { permissions: { read: true, write: false } });
}

/** Recordings of KVM on x86-64: guests with debug registers of their own. */
export const X86_KVM: RecordedArchitecture = {
  name: 'x86-kvm',
  lines: {
    claims: (line) => 'steps' in line && 'suite' in line && line.suite === 'K2',
    schema: z.object({ suite: z.string(), id: z.string(), setup: z.looseObject({}), steps: stepsSchema }),
    write: ({ format: _format, ...line }) => line,
  },
  quirks: [...X86_QUIRKS, ...EVENT_QUIRKS, ...PERF_QUIRKS],
  kernel,
  kernelText: KERNEL_TEXT,
  worker: ({ machine }) => new X86Worker(machine),
  control: CONTROL,
  ops: { ...HOST_OPS, ...EVENT_OPS, ...GUEST_OPS, ...RUN_OPS },
  results: {
    all: ['ret', 'errno', 'stops', 'after'],
    of: {
      kvm_run: ['exit', 'dir', 'port', 'addr', 'len', 'exception', 'pc', 'dr6', 'dr7', 'rip', 'flags', 'db', 'got'],
      kvm_run_both: ['run0', 'run1'],
      get_regs: ['rip', 'flags'],
      get_events: ['injected', 'pending', 'nr', 'payload', 'shadow'],
      peek_mem: ['val'],
    },
  },
  begin,
  readBack: { dr: readThreadRegisters, count: readCounts, kvm: readGuestRegisters },
  around: ({ self }) => self.wake(),
};
