import { Kgdb } from '@hwbp/kgdb';
import { KgdbServer } from '@hwbp/kgdb/server';
import { kernelWith } from '../kgdb/client.js';
import { data, spawnCounters, text } from '../kgdb/programs.js';
import { lldb } from './lldb.js';
import { LLDB, testWith } from './need.js';

const hex = (address: bigint): string => `0x${address.toString(16)}`;

for (const threads of ['cpus', 'tasks'] as const) {
  testWith(
    LLDB,
    `a real lldb on a kernel, ${threads}: threads, registers, memory, watches, steps`,
    async (t, executable) => {
      using kernel = kernelWith({ cpus: 2 });
      spawnCounters(kernel, 2);
      const server = await KgdbServer.listen(kernel.get(Kgdb), { port: 0, threads });
      try {
        const output = await lldb(
          executable,
          `gdb-remote ${server.address.port}`,
          'thread list',
          `watchpoint set expression -w write -s 4 -- ${hex(data())}`,
          'continue',
          'continue',
          'register read rip rax',
          `memory read -s 4 -f d -c 1 ${hex(data())}`,
          'watchpoint delete 1',
          `breakpoint set -H -a ${hex(text() + 8n)}`,
          'continue',
          'thread step-inst',
          `memory write -s 4 ${hex(data())} 0x1234`,
          `memory read -s 4 -f x -c 1 ${hex(data())}`,
          'register write rax 0x77',
          'register read rax',
          'breakpoint delete 1',
          `breakpoint set -a ${hex(text(1))}`,
          'continue',
          'detach',
        );
        t.regex(output, /thread #1: tid = 0x0*1\b/);
        t.regex(output, /thread #2: tid = 0x0*2\b/);
        t.regex(output, /thread #1.*stop reason = watchpoint 1\n.*0x0*40100c\n/);
        t.regex(output, /rip = 0x0*40100c\n/, 'behind the store');
        t.regex(output, /0x0*601000: 2\n/);
        t.regex(output, /thread #1.*stop reason = breakpoint 1\.1\n\s+frame #0: 0x0*401008/);
        t.regex(output, /stop reason = instruction step into\n\s+frame #0: 0x0*40100c/);
        t.regex(output, /601000: 0x00001234/);
        t.regex(output, /rax = 0x0*77\n/);
        t.regex(output, /thread #2.*stop reason = breakpoint 2\.1\n\s+frame #0: 0x0*402000/);
        t.false(server.attached);
      } finally {
        await server.close();
      }
    },
  );
}
