import { type Instruction, type Kernel, type ProgramFactory, program, type Task } from '@hwbp/core';
import { data, lines, store } from './programs.js';

const KERNEL_TEXT = 0xffff_ffff_8100_0000n;

/** A system call instruction, with its number where the architecture wants it; and what it does in the kernel. */
export function call(register: string, number: bigint, effect: () => void = () => {}): Partial<Instruction> {
  const body = program(function* () {
    effect();
    yield { pc: KERNEL_TEXT, length: 4 };
    yield { pc: KERNEL_TEXT + 4n, length: 4 };
  });
  return { registers: { [register]: number }, syscall: body };
}

/** Stores in its own memory at +8. */
export const CHILD = lines([{}, {}, { accesses: [store(data(), 7n)] }, {}, {}]);

/** Forks at +4, as process 10; child: 20, which stores at +8. */
export function forking(kernel: Kernel, child: ProgramFactory = CHILD): Task {
  const { machine } = kernel;
  const fork = call(kernel.breakpoints.manifest.roles.number, 57n, () => machine.fork(parent, child, { pid: 20 }));
  const parent: Task = machine.spawn(lines([{}, fork, { accesses: [store(data(), 5n)] }, {}, {}]), {
    comm: 'parent',
    pid: 10,
  });
  return parent;
}

/** Executes another program at +4, in a system call. */
export function executing(kernel: Kernel): Task {
  const { machine } = kernel;
  const exec = call(kernel.breakpoints.manifest.roles.number, 59n, () =>
    machine.exec(task, lines([{}, {}, {}]), { comm: 'other' }),
  );
  const task: Task = machine.spawn(lines([{}, exec, {}]), { comm: 'first', pid: 10 });
  return task;
}
