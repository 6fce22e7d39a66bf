import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { composeKernel, FILTER_FETCH, program, SI_CODES } from '@hwbp/core';
import { Ptrace } from '@hwbp/ptrace';
import test from './schedulers.js';
import { TEXT } from './support.js';

const lines = program(Array.from({ length: 4 }, (_, i) => ({ pc: TEXT + BigInt(4 * i), length: 4 })));

for (const [name, arch, trap, behind, code] of [
  ['x86', x86(), [0xcc], 1n, SI_CODES.SI_KERNEL],
  ['ppc64', ppc64({ byteOrder: 'little' }), [0x08, 0x00, 0xe0, 0x7f], 0n, SI_CODES.TRAP_BRKPT],
  ['ppc64, as GDB writes it', ppc64({ byteOrder: 'big' }), [0x7d, 0x82, 0x10, 0x08], 0n, SI_CODES.TRAP_BRKPT],
] as const) {
  test(`${name}: a trap instruction that is written into text stops there; the old bytes let it go on`, (t) => {
    using kernel = composeKernel({ arch, plugins: [Ptrace] });
    const { machine } = kernel;
    const task = machine.spawn(lines, { run: false });
    const other = machine.spawn(lines);
    const tracer = kernel.get(Ptrace).tracer();
    tracer.attach(task);
    tracer.wait(task);
    const at = TEXT + 8n;
    const old = tracer.peekData(task, at, trap.length);
    tracer.pokeData(task, at, Uint8Array.from(trap));
    t.deepEqual([...tracer.peekData(task, at, trap.length)], [...trap]);
    for (const round of [1, 2]) {
      tracer.cont(task);
      const stop = tracer.wait(task);
      t.like(stop, { kind: 'signal', info: { si_signo: 'SIGTRAP', si_code: code } }, `round ${round}`);
      t.is(task.context.pc, at + behind);
      t.is(task.instructions, 2);
      tracer.setRegs(task, { [name.startsWith('x86') ? 'rip' : 'nip']: at });
    }
    t.deepEqual(other.exit, { code: 0 }, 'another program at the same address does not see it');
    tracer.pokeData(task, at, old);
    tracer.singleStep(task);
    t.like(tracer.wait(task), { info: { si_code: SI_CODES.TRAP_TRACE } });
    t.is(task.instructions, 3);
    tracer.cont(task);
    t.like(tracer.wait(task), { kind: 'exited' });
    for (const cpu of machine.cpus) t.false(cpu.unit.filter.test(FILTER_FETCH, Number(at), 1), 'nothing is left armed');
  });
}

test('a child of fork has the breakpoints in its text, an exec has not; a thread shares them', (t) => {
  using kernel = composeKernel({ arch: x86(), plugins: [Ptrace] });
  const { machine } = kernel;
  const task = machine.spawn(lines, { run: false });
  const tracer = kernel.get(Ptrace).tracer();
  tracer.attach(task);
  tracer.wait(task);
  // In the middle of other bytes, as a debugger writes words.
  tracer.pokeData(task, TEXT + 2n, Uint8Array.of(1, 2, 0xcc, 3));
  const child = machine.fork(task, lines);
  const thread = machine.fork(task, lines, { thread: true });
  const execed = machine.fork(task, lines);
  machine.exec(execed, lines);
  machine.run();
  t.deepEqual(child.exit, { signal: 'SIGTRAP' });
  t.deepEqual(thread.exit, { signal: 'SIGTRAP' });
  t.deepEqual(execed.exit, { code: 0 });
});

test('a program that stores over the trap instruction is not stopped by it', (t) => {
  using kernel = composeKernel({ arch: x86(), plugins: [Ptrace] });
  const { machine } = kernel;
  const store = { kind: 'write', address: TEXT + 4n, size: 1, value: 0x90n } as const;
  const code = program([
    { pc: TEXT, length: 4, accesses: [store] },
    { pc: TEXT + 4n, length: 4 },
  ]);
  const task = machine.spawn(code, { run: false });
  const tracer = kernel.get(Ptrace).tracer();
  tracer.attach(task);
  tracer.wait(task);
  tracer.pokeData(task, TEXT + 4n, Uint8Array.of(0xcc));
  tracer.cont(task);
  t.like(tracer.wait(task), { kind: 'exited' });
});
