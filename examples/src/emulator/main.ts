// Somebody's emulator, and gdb on it: node examples/dist/emulator/main.js [PORT]
import { KgdbServer } from '@hwbp/kgdb/server';
import { RiscvCore } from './riscv.js';
import { riscvTarget } from './riscv-target.js';

/** Counts to 5 in memory, and ends with what it has counted. */
const PROGRAM = [
  0x0000_12b7, // lui  t0, 0x1
  0x0000_0313, // li   t1, 0
  0x0013_0313, // addi t1, t1, 1
  0x0062_a023, // sw   t1, 0(t0)
  0x0050_0393, // li   t2, 5
  0xfe73_4ae3, // blt  t1, t2, 0x8
  0x0003_0513, // mv   a0, t1
  0x0000_0073, // ecall
];

const port = Number(process.argv[2] ?? 1234);
const server = await KgdbServer.listen(riscvTarget(new RiscvCore(PROGRAM)), { port, notice: console.log });
console.log(`gdb-multiarch -ex 'target remote 127.0.0.1:${server.address.port}'`);
await server.ended;
await server.close();
