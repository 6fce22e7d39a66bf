import { KernelError, type Task } from '@hwbp/core';
import {
  PERF_TYPE_BREAKPOINT,
  Perf,
  type PerfEventAttr,
  type PerfFile,
  type PerfRecord,
  type PerfSettings,
  type PerfTarget,
  perf,
} from '@hwbp/perf';
import type { ExecutionContext } from 'ava';
import { A, EventsRig, type RigOptions, type Worker } from '../events/support.js';

export { A, variable, Worker } from '../events/support.js';

/** Watches writes to 8 bytes, and counts. */
export const WATCH: PerfEventAttr = { type: PERF_TYPE_BREAKPOINT, bp_type: 2, bp_addr: A, bp_len: 8 };
/** Fields of a sample (PERF_SAMPLE_*). */
export const SAMPLE = {
  IP: 1,
  TID: 2,
  TIME: 4,
  ADDR: 8,
  READ: 16,
  CALLCHAIN: 32,
  ID: 64,
  CPU: 128,
  PERIOD: 256,
  STREAM_ID: 512,
};
/** Fields of a read (PERF_FORMAT_*). */
export const FORMAT = { ENABLED: 1, RUNNING: 2, ID: 4, GROUP: 8, LOST: 16 };

export interface PerfRigOptions extends RigOptions {
  /** What the consumer is called with; absent: its class is composed. */
  readonly settings?: Partial<PerfSettings>;
}

/** A kernel with the perf consumer: x86 and 2 CPUs without quirks, unless it is said otherwise. */
export class PerfRig extends EventsRig {
  readonly perf: Perf;

  constructor({ settings, plugins = [], ...options }: PerfRigOptions = {}) {
    super({ ...options, plugins: [settings === undefined ? Perf : perf(settings), ...plugins] });
    this.perf = this.kernel.get(Perf);
  }

  /** Opens a watch of {@link A}, unless the attr says otherwise, for a task or a CPU. */
  file(to: Worker | number, attr: Partial<PerfEventAttr> = {}, target: Partial<PerfTarget> = {}): PerfFile {
    const where = typeof to === 'number' ? { pid: -1, cpu: to } : { pid: to.task.pid };
    return this.perf.open({ ...WATCH, ...attr }, { ...where, ...target });
  }

  /** Counts, as read(2) gives them. */
  values(...files: readonly PerfFile[]): number[] {
    return files.map((file) => {
      const values = file.values();
      if (values === undefined || 'values' in values) throw new Error('not a single value');
      return Number(values.value);
    });
  }

  /** A task of another user, without privilege. */
  nobody(uid = 65534): Task {
    return this.machine.spawn(() => ({ state: 'starved', run: () => 0 }), {
      comm: 'nobody',
      privileged: false,
      uid,
      affinity: [0],
    });
  }

  /** Open files, events, slots: what a refused call must not change. */
  get holdings(): readonly number[] {
    return [this.perf.files.size, this.events.all.size, this.kernel.breakpoints.registered.length];
  }
}

/** Errno and message of what `action` is refused with; it has changed nothing. */
export function refused(t: ExecutionContext, rig: PerfRig, action: () => unknown, label = ''): KernelError {
  const before = rig.holdings;
  const error = t.throws(action, { instanceOf: KernelError }, label);
  t.deepEqual(rig.holdings, before, label);
  if (error === undefined) throw new Error('nothing was refused');
  return error;
}

/** Bytes as unsigned 64-bit numbers. */
export function words(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, i) => Number(view.getBigUint64(8 * i, true)));
}

/** Types of records. */
export const typesOf = (records: readonly PerfRecord[]): (number | string)[] => records.map(({ type }) => type);
