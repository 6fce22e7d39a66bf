import { EVENT_OPS } from '../../ops/event-ops.js';
import { MEMORY_OPS } from '../../ops/memory-ops.js';
import { readCounts } from '../../ops/read-back.js';
import type { RecordedArchitecture } from '../../player/recorded-architecture.js';
import { CONTROL } from '../../x86/control.js';
import { X86Worker } from '../../x86/worker.js';
import { KERNEL_TEXT, KVM_RECORDING_QUIRKS, recordedKernel, suiteLines } from '../composition.js';
import { K_OPS, readDebugRegs } from './k-ops.js';

/** Suite K, as recorded under kvm-amd: a guest of KVM that the recorder itself runs. */
export const X86_K: RecordedArchitecture = {
  name: 'x86-k',
  lines: suiteLines('K'),
  quirks: KVM_RECORDING_QUIRKS,
  kernel: recordedKernel,
  kernelText: KERNEL_TEXT,
  worker: ({ machine }) => new X86Worker(machine),
  control: CONTROL,
  ops: { ...EVENT_OPS, ...MEMORY_OPS, ...K_OPS },
  results: {
    all: ['ret', 'errno', 'after'],
    of: { kvm_run: ['exit', 'port', 'exception', 'pc', 'dr6', 'dr7', 'rip', 'got', 'handler_dr6', 'handler_dr7'] },
  },
  readBack: { count: readCounts, kvm: readDebugRegs },
  around: ({ self }) => self.wake(),
};
