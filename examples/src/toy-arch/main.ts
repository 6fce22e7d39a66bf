// A kernel on a chip that nobody has built: node examples/dist/toy-arch/main.js
import { architecture, composeKernel, HW_BREAKPOINT_W, HW_BREAKPOINT_X, hex, program } from '@hwbp/core';
import { heron } from './heron.js';

const TOTAL = 0x1_0003n;
const stores = [1, 2, 3].map((n) => ({
  pc: 0x4000n + BigInt(4 * n),
  length: 4,
  accesses: [{ kind: 'write' as const, address: TOTAL, size: 4, value: BigInt(n) }],
}));

using kernel = composeKernel({ arch: architecture(heron()), strict: true });
const { breakpoints, machine } = kernel;
const task = machine.spawn(program(stores), { comm: 'toy' });
const total = (): bigint => task.memory.readInteger(TOTAL, 4);
// 4 bytes at an odd address, across a word: x86 could not.
const data = { bp_type: HW_BREAKPOINT_W, bp_addr: TOTAL, bp_len: 4 };
breakpoints.registerUser(data, ({ pc }) => console.log(`stored by ${hex(pc)}: total is ${total()}`), task);
const code = { bp_type: HW_BREAKPOINT_X, bp_addr: 0x4008n, bp_len: 4 };
breakpoints.registerUser(code, ({ pc }) => console.log(`about to execute ${hex(pc)}: total is ${total()}`), task);
machine.run();
