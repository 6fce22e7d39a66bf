/*
 * Workers that count requests in one variable of the kernel, as in ../four-cpus, each under a lock: nothing is lost.
 * The ksym tracer watches the word of the lock: who takes it, who spins for it, and who gives it back.
 *
 *   hwbp run kernel.config.ts
 *   hwbp run kernel.config.ts -- mutex        the same with a lock whose users sleep
 *   hwbp debug kernel.config.ts               then, in gdb: watch *(int *) 0xffffffff82a05008
 */
import { x86 } from '@hwbp/arch-x86';
import { defineKernel, program } from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { LOCKS, LockReport, lockSymbols, locks, type Steps } from '@hwbp/locks';

const SERVED = 0xffff_ffff_82a0_5000n;
const SERVE = 0xffff_ffff_8110_0000n;
const WORKERS = 2;
const REQUESTS = 50;

/** `requests_served++` in two instructions, between which another CPU may come. */
function* count(): Steps {
  const [served = 0n] = yield { pc: SERVE, length: 4, accesses: [{ kind: 'read', address: SERVED, size: 4 }] };
  const value = served + 1n;
  yield { pc: SERVE + 4n, length: 4, accesses: [{ kind: 'write', address: SERVED, size: 4, value }] };
}

export default defineKernel(({ args: [kind = 'spinlock'] }) => {
  if (kind !== 'spinlock' && kind !== 'mutex') throw new TypeError(`the lock is a spinlock or a mutex, got ${kind}`);
  return {
    kernel: {
      arch: x86(),
      cpus: WORKERS,
      quantum: 3,
      symbols: [
        ...lockSymbols(),
        { name: 'requests_served', address: SERVED, size: 4 },
        { name: 'requests_lock', address: SERVED + 8n, size: 4 },
        { name: 'serve', address: SERVE, size: 0x20 },
      ],
      plugins: [KsymTracer, locks(), LockReport],
    },

    setup(kernel) {
      const lock = kernel.get(LOCKS)[kind]({ name: 'requests_lock' });
      const { files } = kernel.get(KsymTracer);
      files.write('current_tracer', 'ksym_tracer');
      files.write('ksym_trace_filter', 'requests_lock:rw-');
      const worker = program(function* () {
        for (let request = 0; request < REQUESTS; request++) {
          yield* lock.lock({ at: SERVE + 0x10n });
          yield* count();
          yield* lock.unlock({ at: SERVE + 0x14n });
        }
      });
      for (let cpu = 0; cpu < WORKERS; cpu++) {
        kernel.machine.spawn(worker, { comm: `worker${cpu}`, affinity: [cpu], mode: 'kernel' });
      }
    },

    report(kernel) {
      const served = kernel.machine.kernelMemory.readInteger(SERVED, 4);
      const trace = kernel.get(KsymTracer).files.read('trace').trimEnd().split('\n');
      return [...trace.slice(0, 16), '...', `${served} of ${WORKERS * REQUESTS} requests were counted`].join('\n');
    },
  };
});
