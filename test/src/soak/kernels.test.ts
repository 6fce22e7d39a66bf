import { x86 } from '@hwbp/arch-x86';
import { composeKernel, type Kernel, program, resumeKernel } from '@hwbp/core';
import test from 'ava';

const DATA = 0x10_0000n;
const KERNEL_DATA = 0xffff_c900_0000_0000n;

/** A kernel whose tasks and which itself have memory. */
function used(kernel: Kernel): Kernel {
  const { machine } = kernel;
  machine.kernelMemory.map(KERNEL_DATA, 3 * 4096);
  machine.kernelMemory.writeInteger(KERNEL_DATA, 8, 3n);
  const task = machine.spawn(program([]), { run: false });
  for (let page = 0n; page < 4n; page++) task.memory.writeInteger(DATA + page * 4096n, 8, 1n + page);
  machine.fork(task, program([]), { run: false });
  machine.fork(task, program([]), { thread: true, run: false });
  return kernel;
}

test('kernels that come and go on one computer leave no page frame behind, however they end', (t) => {
  let kernel = used(composeKernel({ arch: x86() }));
  const { hardware } = kernel;
  const each = hardware.memory.used;
  t.true(each >= 3 + 2 * 4);
  for (let i = 0; i < 20; i++) {
    kernel = used(kernel.kexec({ arch: x86() }));
    t.is(hardware.memory.used, each, `kexec ${i}`);
  }
  for (let i = 0; i < 20; i++) {
    kernel.dispose();
    t.is(hardware.memory.used, 0, `disposal ${i}`);
    kernel = used(composeKernel({ arch: x86(), hardware }));
  }
  t.true(hardware.memory.allocated <= each + 1, 'numbers are handed out again');
  for (let i = 0; i < 20; i++) {
    const before = kernel;
    const [task] = before.machine.tasks.values();
    kernel = used(before.crash({ arch: x86() }));
    t.is(hardware.memory.used, 2 * each, 'what has crashed can still be looked at');
    before.dispose();
    t.is(hardware.memory.used, each, `crash ${i}`);
    t.is(task?.memory.readInteger(DATA, 8), 1n, 'whoever still holds it sees what it had');
    t.is(before.machine.kernelMemory.readInteger(KERNEL_DATA, 8), 3n);
    t.is([...kernel.machine.tasks.values()][0]?.memory.readInteger(DATA, 8), 1n, 'and nobody else has lost anything');
  }
  kernel.dispose();
  kernel.dispose();
  t.is(hardware.memory.used, 0);
});

test('a kernel that goes on from an image has its page frames, and gives them back', (t) => {
  const kernel = composeKernel({ arch: x86() });
  kernel.machine.kernelMemory.map(KERNEL_DATA, 3 * 4096);
  kernel.machine.kernelMemory.writeInteger(KERNEL_DATA, 8, 3n);
  const image = kernel.hibernate();
  const next = resumeKernel({ arch: x86() }, image);
  t.is(next.machine.physical.used, 3);
  t.is(next.machine.kernelMemory.readInteger(KERNEL_DATA, 8), 3n);
  next.dispose();
  t.is(next.machine.physical.used, 0);
});
