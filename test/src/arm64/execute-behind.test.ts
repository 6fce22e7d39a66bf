import { arm64 } from '@hwbp/arch-arm64';
import { composeKernel, HW_BREAKPOINT_W, HW_BREAKPOINT_X, type Instruction, program } from '@hwbp/core';
import test from 'ava';

const TEXT = 0x40_0000n;
const KERNEL_TEXT = 0xffff_8000_8000_0000n;
const DATA = 0x60_0000n;

const store = (pc: bigint): Instruction => ({
  pc,
  length: 4,
  accesses: [{ kind: 'write', address: DATA, size: 4, value: 1n }],
});

/** There is no resume flag: the instruction of an execute breakpoint completes with the registers disarmed. */
function watching(code: readonly Instruction[], exclude_user: boolean): readonly string[] {
  using kernel = composeKernel({ arch: arm64(), strict: true });
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(program(code));
  const told: string[] = [];
  const at = (what: string) => (hit: { readonly pc: bigint }) => told.push(`${what} ${hit.pc.toString(16)}`);
  breakpoints.registerUser({ bp_type: HW_BREAKPOINT_X, bp_addr: TEXT, bp_len: 4 }, at('executes'), task);
  breakpoints.registerUser({ bp_type: HW_BREAKPOINT_W, bp_addr: DATA, bp_len: 4, exclude_user }, at('stores'), task);
  machine.run(100);
  return told;
}

test('behind an execute breakpoint a watch that excludes the mode is not told of what the instruction stores', (t) => {
  t.deepEqual(watching([store(TEXT)], false), ['executes 400000', 'stores 400000']);
  t.deepEqual(watching([store(TEXT)], true), ['executes 400000']);
});

test('the kernel that a system call with an execute breakpoint enters is watched from its first instruction', (t) => {
  const call: Instruction = { pc: TEXT, length: 4, syscall: () => program([store(KERNEL_TEXT)])() };
  t.deepEqual(watching([call], false), ['executes 400000', 'stores ffff800080000000']);
});
