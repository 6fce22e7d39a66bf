import test from 'ava';
import { hwbp, scratch } from '../replay/run-cli.js';

/** A system call, and an instruction of user mode, that reach for a page that is not there. */
const config = (instruction: string): string => `
import { x86 } from '${import.meta.resolve('@hwbp/arch-x86')}';
import { defineKernel, program } from '${import.meta.resolve('@hwbp/core')}';
const access = { pc: 0x400000n, length: 4, accesses: [{ kind: 'write', address: 0x5000n, size: 4 }] };
export default defineKernel({
  kernel: { arch: x86() },
  setup(kernel) {
    const task = kernel.machine.spawn(program([${instruction}]), { demandZero: false });
    task.handlers.set('SIGSEGV', program([]));
  },
});`;

test('hwbp run comes to an end, and says what the kernel did that it may not', async (t) => {
  const file = scratch(t);
  const oops = file('oops.config.mjs', config('{ pc: 0x400010n, length: 2, syscall: program([access]) }'));
  const { code, stdout, stderr } = await hwbp(['run', oops]);
  t.is(code, 1);
  t.regex(stdout, /1 instruction; nothing can run any more\n$/);
  t.regex(stderr, /oops\.config\.mjs: the kernel may not store to 0x5000 at 0x400000: task task-1, which ends\n/);
});

// The exit code was 0 here once. Nobody gets on, and nobody will: that is a task that waits for ever, and those are
// failures.
test('hwbp run notices an instruction that faults for ever: it has failed', async (t) => {
  const file = scratch(t);
  const { code, stdout, stderr } = await hwbp(['run', file('stuck.config.mjs', config('access'))]);
  t.is(code, 1);
  t.regex(
    stdout,
    /0 instructions; the kernel stopped: CPU 0 takes one exception after the other at 0x400000 and gets no/,
  );
  t.regex(
    stderr,
    /stuck\.config\.mjs: takes one exception after the other, and gets nowhere: task task-1, CPU 0, pc 0x400000\n/,
  );
});
