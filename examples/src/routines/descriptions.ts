import { x86 } from '@hwbp/arch-x86';
import { composeKernel, type InstructionSource, program } from '@hwbp/core';

const address = 0x2000n;
const kernel = composeKernel({ arch: x86() });
const task = kernel.machine.spawn(
  program(function* (): InstructionSource {
    const [old = 0n] = yield { pc: 0x1000n, length: 4, accesses: [{ kind: 'read', address, size: 8, into: 'rax' }] };
    yield { pc: 0x1004n, length: 4, accesses: [{ kind: 'write', address, size: 8, value: old + 1n }] };
    // Atomic: one access that loads and stores.
    yield { pc: 0x1008n, length: 4, accesses: [{ kind: 'readwrite', address, size: 8, value: (was) => was + 1n }] };
  }),
);
kernel.machine.run(3);
console.log(task.memory.readInteger(address, 8)); // prints: 2n
