import { X86_QUIRKS, x86 } from '@hwbp/arch-x86';
import { EVENT_QUIRKS, type KernelSymbol, perfEvents, type Quirk } from '@hwbp/core';
import { Kvm } from '@hwbp/kvm';
import { PERF_QUIRKS } from '@hwbp/perf';
import { z } from 'zod';
import { type LineFormat, stepsSchema } from '../format/line-format.js';
import type { RecordedKernel } from '../player/recorded-architecture.js';

/** Where the kernel's instructions seem to lie. */
export const KERNEL_TEXT = 0xffff_ffff_8100_0000n;
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

export const KVM_RECORDING_QUIRKS: readonly Quirk[] = Object.freeze([...X86_QUIRKS, ...EVENT_QUIRKS, ...PERF_QUIRKS]);

/** Linux 6.1 with KVM, on two CPUs of an AMD that QEMU emulates. */
export function recordedKernel(): RecordedKernel {
  return {
    arch: x86({ kprobes: true, model: 'amd-2007', spuriousStatus: false }),
    cpus: 2,
    breakpointScheduler: perfEvents({}),
    perf: {},
    consumers: [Kvm],
    symbols: SYMBOLS,
  };
}

/** Lines of one suite. */
export function suiteLines(name: string): LineFormat {
  return {
    claims: (line) => 'steps' in line && 'suite' in line && line.suite === name,
    schema: z.object({ suite: z.string(), id: z.string(), setup: z.looseObject({}), steps: stepsSchema }),
    write: ({ format: _format, ...line }) => line,
  };
}
