/*
 * A kernel that waits for a debugger: what the stubs are compared with. Prints its port.
 */
import { x86 } from '@hwbp/arch-x86';
import { composeKernel, type Instruction, type Loaded, program } from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { KgdbServer } from '@hwbp/kgdb/server';

const TEXT = 0x40_1000n;
const DATA = 0x60_1000n;

function* count(): Generator<Instruction, void, Loaded> {
  for (;;) {
    const [value = 0n] = yield { pc: TEXT, length: 4, accesses: [{ kind: 'read', address: DATA, size: 4 }] };
    yield {
      pc: TEXT + 4n,
      length: 4,
      accesses: [{ kind: 'write', address: DATA, size: 4, value: value + 1n }],
      next: TEXT,
    };
  }
}

const kernel = composeKernel({ arch: x86(), plugins: [Kgdb] });
const task = kernel.machine.spawn(program(count), { comm: 'counter' });
task.memory.write(
  DATA,
  Uint8Array.from({ length: 4096 }, (_, i) => i & 0xff),
);
const server = await KgdbServer.listen(kernel.get(Kgdb), { port: 0 });
process.stdout.write(`${server.address.port}\n`);
