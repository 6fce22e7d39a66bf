import { x86 } from '@hwbp/arch-x86';
import { composeKernel, program } from '@hwbp/core';
import { Ptrace } from '@hwbp/ptrace';

const counter = 0x601000n;
const store = {
  pc: 0x401000n,
  length: 3,
  accesses: [{ kind: 'write' as const, address: counter, size: 4, value: 42n }],
};

using kernel = composeKernel({ arch: x86(), plugins: [Ptrace] });
const task = kernel.machine.spawn(program([store, { pc: 0x401003n, length: 1 }]), { comm: 'victim' });

const gdb = kernel.get(Ptrace).tracer('gdb');
gdb.attach(task);
gdb.wait(task); // { kind: 'signal', info: { si_signo: 'SIGSTOP', ... }, ... }

gdb.pokeUser(task, gdb.debugOffset(0), counter); // DR0: the address; takes one of the CPU's four registers
gdb.pokeUser(task, gdb.debugOffset(7), 0xd0001n); // DR7: L0, R/W0 = 01 (stores), LEN0 = 11 (4 bytes)

gdb.cont(task);
const stop = gdb.wait(task);
if (stop?.kind === 'signal') console.log(stop.info); // SIGTRAP, TRAP_HWBKPT, si_addr: the program counter
console.log(gdb.getRegs(task).rip); // 0x401003n: behind the store, which has happened
console.log(gdb.peekData(task, counter, 4)); // 42
console.log(gdb.peekUser(task, gdb.debugOffset(6))); // DR6: 0xffff0ff1n, register 0 was hit

gdb.pokeUser(task, gdb.debugOffset(7), 0n);
gdb.detach(task);
