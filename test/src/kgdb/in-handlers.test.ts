import { type Kernel, program } from '@hwbp/core';
import test from 'ava';
import { Client, kernelWith } from './client.js';
import { spawnCounters, store, text } from './programs.js';

const HANDLER = 0xffff_ffff_8100_0000n;
const COUNTED = 0xffff_ffff_8200_0000n;

/** A machine of which a device interrupts a CPU every 20 microseconds: its handler stores to a word. */
function interrupted(cpu: number): Kernel {
  const kernel = kernelWith();
  const { machine } = kernel;
  machine.interrupts.handle(5, {
    name: 'timer',
    program: program([
      { pc: HANDLER, length: 4, registers: { rbx: 7n } },
      { pc: HANDLER + 4n, length: 4, accesses: [store(COUNTED, 1n)] },
      { pc: HANDLER + 8n, length: 4 },
    ]),
  });
  machine.timers.every(20_000, () => machine.interrupts.raise(5, machine.cpu(cpu)), { cpu: 0 });
  return kernel;
}

for (const threads of ['cpus', 'tasks'] as const) {
  test(`a stop in an interrupt handler shows the handler’s registers, and steps through it (${threads})`, (t) => {
    using kernel = interrupted(0);
    const [task] = spawnCounters(kernel, 1);
    const gdb = new Client(kernel, { threads });
    gdb.ok(`Z1,${(HANDLER + 4n).toString(16)},1`);
    t.regex(gdb.stop(), /^T05hwbreak:;thread:1;/);
    t.is(gdb.pc(), HANDLER + 4n);
    t.is(kernel.machine.interrupts.contextOf(kernel.machine.cpu(0)), 'hardirq');
    t.not(task?.context.get('rbx'), 7n);
    t.regex(gdb.stop('vCont;s:1'), /^T05thread:1;/);
    t.is(gdb.pc(), HANDLER + 8n);
    t.regex(gdb.stop('vCont;s:1'), /^T05thread:1;/);
    t.is(gdb.pc(), HANDLER + 12n, 'where a real one has its return');
    t.regex(gdb.stop('vCont;s:1'), /^T05thread:1;/);
    const { pc = 0n } = task?.context ?? {};
    t.is(gdb.pc(), pc);
    t.true(pc >= text() && pc < text() + 16n, 'back in what it had interrupted');
  });

  test(`a watchpoint that a handler hits stops in it, and is told once (${threads})`, (t) => {
    using kernel = interrupted(0);
    spawnCounters(kernel, 1);
    const gdb = new Client(kernel, { threads });
    gdb.ok(`Z2,${COUNTED.toString(16)},4`);
    for (let i = 0; i < 3; i++) {
      t.is(gdb.stop(), `T05watch:${COUNTED.toString(16)};thread:1;`);
      t.is(gdb.pc(), HANDLER + 8n);
    }
  });
}

test('an idle CPU in a handler is a thread that can be seen and stepped', (t) => {
  using kernel = interrupted(1);
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  gdb.ok(`Z1,${HANDLER.toString(16)},1`);
  t.is(gdb.stop(), 'T05hwbreak:;thread:2;');
  gdb.ok('Hg2');
  t.is(gdb.pc(), HANDLER);
  gdb.ok(`z1,${HANDLER.toString(16)},1`);
  t.is(gdb.stop('vCont;s:2'), 'T05thread:2;');
  t.is(gdb.pc(), HANDLER + 4n);
});
