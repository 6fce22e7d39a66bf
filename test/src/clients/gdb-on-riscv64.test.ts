import path from 'node:path';
import { debugging, gdb } from '../cli/debugging.js';
import { ROOT } from '../replay/run-cli.js';
import { GDB, testWith } from './need.js';

testWith(GDB, 'a real gdb on RISC-V: triggers stop at each store, and at an instruction', async (t, executable) => {
  let text = '';
  await debugging([path.join(ROOT, 'test/fixtures/riscv64/kernel.config.ts')], async (port) => {
    const watch = ['watch *(int *) 0x20000', 'continue', 'continue', 'print $a5', 'delete'];
    text = await gdb(executable, port, undefined, ...watch, 'hbreak *0x10004', 'continue', 'print/x $pc');
  });
  t.regex(text, /Old value = 0\nNew value = 1\n[\s\S]*Old value = 1\nNew value = 2\n/);
  t.regex(text, /\$1 = 2\n/);
  t.regex(text, /Breakpoint 2, 0x0*10004 in [\s\S]*\$2 = 0x10004\n/);
});
