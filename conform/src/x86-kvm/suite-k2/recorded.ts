import { EVENT_OPS } from '../../ops/event-ops.js';
import { readCounts } from '../../ops/read-back.js';
import type { RecordedArchitecture } from '../../player/recorded-architecture.js';
import type { Stage } from '../../player/stage.js';
import { CONTROL } from '../../x86/control.js';
import { X86Worker } from '../../x86/worker.js';
import { KERNEL_TEXT, KVM_RECORDING_QUIRKS, recordedKernel, suiteLines } from '../composition.js';
import { GUEST_OPS, readGuestRegisters } from './guest-ops.js';
import { HOST_CODE, HOST_OPS, readThreadRegisters } from './host-ops.js';
import { RUN_OPS } from './run-ops.js';

const CODE_SIZE = 0x1000;

/** The process that has the threads: its code, beside the recorder's own page of data. */
function begin({ self }: Stage): void {
  self.task.memory.map(HOST_CODE, CODE_SIZE, { permissions: { read: true, write: false } });
}

/** Suite K2: guests of KVM with debug registers of their own, and the host's threads that run them. */
export const X86_K2: RecordedArchitecture = {
  name: 'x86-k2',
  lines: suiteLines('K2'),
  quirks: KVM_RECORDING_QUIRKS,
  kernel: recordedKernel,
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
