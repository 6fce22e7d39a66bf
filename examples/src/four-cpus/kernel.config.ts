/*
 * Four CPUs, a worker on each, written as generators. All of them count requests in one variable of the kernel, without
 * a lock: some of what they count is lost. The ksym tracer writes down every store; gdb can stop at any of them.
 *
 *   hwbp run kernel.config.ts
 *   hwbp debug kernel.config.ts     then, in gdb: watch *(int *) 0xffffffff82a05000
 */
import { x86 } from '@hwbp/arch-x86';
import { defineKernel, type Instruction, type Loaded, program } from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';

const SERVED = 0xffff_ffff_82a0_5000n;
const WORKERS = 4;
const REQUESTS = 50;

/** Serves its requests: some work, then `requests_served++` as a compiler makes it, in three instructions. */
function* serve(worker: number): Generator<Instruction, void, Loaded> {
  const base = 0xffff_ffff_8110_0000n + 0x100n * BigInt(worker);
  for (let request = 0; request < REQUESTS; request++) {
    const work = 1 + ((7 * request + worker) % 5);
    for (let i = 0; i < work; i++) yield { pc: base, length: 2, next: i + 1 < work ? base : base + 2n };
    const [served = 0n] = yield {
      pc: base + 2n,
      length: 6,
      accesses: [{ kind: 'read', address: SERVED, size: 4 }],
    };
    yield { pc: base + 8n, length: 3, registers: { rax: served + 1n } };
    yield {
      pc: base + 11n,
      length: 6,
      accesses: [{ kind: 'write', address: SERVED, size: 4, value: served + 1n }],
      next: base,
    };
  }
}

export default defineKernel({
  kernel: {
    arch: x86(),
    cpus: WORKERS,
    // Short turns: the CPUs get into each other's way, as real ones do.
    quantum: 3,
    symbols: [
      { name: 'requests_served', address: SERVED, size: 4 },
      ...Array.from({ length: WORKERS }, (_, worker) => ({
        name: `serve_${worker}`,
        address: 0xffff_ffff_8110_0000n + 0x100n * BigInt(worker),
        size: 17,
      })),
    ],
    plugins: [KsymTracer],
  },

  setup(kernel) {
    const { files } = kernel.get(KsymTracer);
    files.write('current_tracer', 'ksym_tracer');
    files.write('ksym_trace_filter', 'requests_served:-w-');
    for (let worker = 0; worker < WORKERS; worker++) {
      kernel.machine.spawn(
        program(() => serve(worker)),
        { comm: `worker${worker}`, affinity: [worker], mode: 'kernel' },
      );
    }
  },

  report(kernel) {
    const served = kernel.machine.kernelMemory.readInteger(SERVED, 4);
    const trace = kernel.get(KsymTracer).files.read('trace').trimEnd().split('\n');
    return [
      ...trace.slice(0, 8),
      `... ${trace.length - 8} more`,
      '',
      `requests served: ${WORKERS * REQUESTS}, counted: ${served}`,
    ].join('\n');
  },
});
