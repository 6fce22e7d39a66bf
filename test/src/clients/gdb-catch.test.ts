import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { type Instruction, type Kernel, type ProgramFactory, program, type Task } from '@hwbp/core';
import { kernelWith } from '../kgdb/client.js';
import { data, lines, store, text } from '../kgdb/programs.js';
import { gdb } from './gdb.js';
import { GDB, testWith } from './need.js';

/** A system call instruction: what it does in the kernel, and its number where the architecture wants it. */
const call = (register: string, number: bigint, effect: () => void = () => {}): Partial<Instruction> => ({
  registers: { [register]: number },
  syscall: program(function* () {
    effect();
    yield { pc: 0xffff_ffff_8100_0000n, length: 4 };
  }),
});

const ARCHITECTURES = [
  { name: 'x86-64', create: () => x86(), register: 'rax', write: 1n, getpid: 39n, before: [] },
  { name: 'x86-32', create: () => x86({ bits: 32 }), register: 'eax', write: 4n, getpid: 20n, before: [] },
  { name: 'ppc64', create: () => ppc64(), register: 'r0', write: 4n, getpid: 20n, before: ['set endian little'] },
];

for (const { name, create, register, write, getpid } of ARCHITECTURES) {
  testWith(GDB, `a real gdb, ${name}: catch syscall by name, by number and all`, async (t, executable) => {
    using kernel = kernelWith({ arch: create(), cpus: 1 });
    kernel.machine.spawn(lines([{}, call(register, write), call(register, getpid), {}], 3));
    const output = await gdb(executable, kernel, 'tasks', 'catch syscall write', 'continue', 'continue', 'delete', `catch syscall ${getpid}`, 'continue', 'continue', 'delete', 'catch syscall', ...Array(4).fill('continue'), 'delete', 'continue');
    t.log(output);
  });
}

function forks(kernel: Kernel, child: ProgramFactory): Task {
  const { machine } = kernel;
  const parent: Task = machine.spawn(lines([{}, call('rax', 57n, () => machine.fork(parent, child)), {}, { accesses: [store(data())] }, {}]), { comm: 'parent', pid: 10 });
  return parent;
}
const CHILD = lines([{ }, {}, { accesses: [store(data(), 7n)] }, {}, {}]);

for (const mode of ['parent', 'child'])
for (const detach of ['on', 'off'])
  testWith(GDB, `a real gdb: catch fork, follow ${mode}, detach-on-fork ${detach}`, async (t, executable) => {
    using kernel = kernelWith({ cpus: 1 });
    forks(kernel, CHILD);
    const output = await gdb(executable, kernel, 'tasks', `set follow-fork-mode ${mode}`, `set detach-on-fork ${detach}`, `break *${text() + 8n}`, `watch *(int*)${data()}`, 'catch fork', 'continue', 'info threads', 'continue', 'info inferiors', 'info threads', 'continue', 'continue','continue', 'info inferiors');
    t.log(output);
  });

testWith(GDB, 'a real gdb: catch exec', async (t, executable) => {
    using kernel = kernelWith({ cpus: 1 });
    const { machine } = kernel;
    const task: Task = machine.spawn(lines([{}, call('rax', 59n, () => machine.exec(task, lines([{}, {}, {}], 1), { comm: 'other' })), {}]), { comm: 'first', pid: 10 });
    const output = await gdb(executable, kernel, 'tasks', 'catch exec', 'catch syscall execve', `break *${text() + 8n}`, 'continue', 'continue', 'info threads', 'continue', 'continue', 'info breakpoints', 'continue');
    t.log(output);
});
