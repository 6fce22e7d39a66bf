/*
 * A first kernel: two CPUs, one task, a watch on a variable; then a watch too many, and who is in its way.
 * Run: node examples/dist/first-kernel/main.js
 */
import { x86 } from '@hwbp/arch-x86';
import { composeKernel, HW_BREAKPOINT_W, type Instruction, KernelError, program } from '@hwbp/core';

const COUNTER = 0x60_1040n;

/** A program is a generator: one plain description for each instruction, and what it loaded comes back. */
function* increments(): Generator<Instruction, void, readonly bigint[]> {
  for (let i = 0; i < 3; i++) {
    const [old = 0n] = yield { pc: 0x40_1000n, length: 3, accesses: [{ kind: 'read', address: COUNTER, size: 4 }] };
    yield { pc: 0x40_1003n, length: 4 };
    yield { pc: 0x40_1007n, length: 3, accesses: [{ kind: 'write', address: COUNTER, size: 4, value: old + 1n }] };
  }
}

using kernel = composeKernel({ arch: x86(), cpus: 2 });
const task = kernel.machine.spawn(program(increments), { comm: 'counting' });

const watch = { bp_type: HW_BREAKPOINT_W, bp_addr: COUNTER, bp_len: 4 };
kernel.breakpoints.registerUser(
  watch,
  (hit) => {
    const value = hit.cpu.peek(COUNTER, 4);
    console.log(
      `${hit.task} wrote ${value} at pc 0x${hit.pc.toString(16)}, the kernel sees ip 0x${hit.ip.toString(16)}`,
    );
  },
  task,
);
kernel.machine.run();

// x86 has four registers on each CPU, and the exited task still holds one of them.
try {
  for (let i = 0n; ; i++) {
    kernel.breakpoints.registerWide({ ...watch, bp_addr: COUNTER + 8n * i }, () => {}, { owner: 'profiler' });
  }
} catch (error) {
  if (!(error instanceof KernelError)) throw error;
  console.log(error.message);
}
