import { arm64 } from '@hwbp/arch-arm64';
import {
  type Architecture,
  architecture,
  composeKernel,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
  type Instruction,
  program,
} from '@hwbp/core';
import { fakeBackend } from '@hwbp/testkit';
import test from 'ava';

const TEXT = 0x40_0000n;
const KERNEL_TEXT = 0xffff_8000_8000_0000n;
const DATA = 0x60_0000n;

const store = (pc: bigint): Instruction => ({
  pc,
  length: 4,
  accesses: [{ kind: 'write', address: DATA, size: 4, value: 1n }],
});

/** Neither has a resume flag: one turns breakpoints off for the instruction, the other all its registers. */
const ARCHITECTURES: Readonly<Record<string, () => Architecture>> = {
  arm64,
  'a fake': () => architecture(fakeBackend({ slots: 3, timing: 'before', manifest: { resumeFlag: false } })),
};

function watching(arch: Architecture, code: readonly Instruction[], exclude_user: boolean): readonly string[] {
  using kernel = composeKernel({ arch, strict: true });
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(program(code));
  const told: string[] = [];
  const at = (what: string) => (hit: { readonly pc: bigint }) => told.push(`${what} ${hit.pc.toString(16)}`);
  breakpoints.registerUser({ bp_type: HW_BREAKPOINT_X, bp_addr: TEXT, bp_len: 8 }, at('executes'), task);
  breakpoints.registerUser({ bp_type: HW_BREAKPOINT_W, bp_addr: DATA, bp_len: 4, exclude_user }, at('stores'), task);
  machine.run(100);
  return told;
}

for (const [name, arch] of Object.entries(ARCHITECTURES)) {
  test(`${name}: behind an execute breakpoint a watch that excludes the mode is not told of what is stored`, (t) => {
    t.deepEqual(watching(arch(), [store(TEXT)], false), ['executes 400000', 'stores 400000']);
    t.deepEqual(watching(arch(), [store(TEXT)], true), ['executes 400000']);
  });

  test(`${name}: the kernel that a system call with an execute breakpoint enters is watched at once`, (t) => {
    const call: Instruction = { pc: TEXT, length: 4, syscall: () => program([store(KERNEL_TEXT)])() };
    t.deepEqual(watching(arch(), [call], false), ['executes 400000', 'stores ffff800080000000']);
  });
}

test('a signal that the hit sends has its handler first, and the instruction is not told of again', (t) => {
  using kernel = composeKernel({ arch: arm64(), strict: true });
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(program([store(TEXT), { pc: TEXT + 4n, length: 4 }]));
  const handled: bigint[] = [];
  task.handlers.set('SIGUSR1', () => {
    handled.push(task.context.pc);
    return program([{ pc: TEXT + 0x100n, length: 4 }])();
  });
  let told = 0;
  breakpoints.registerUser(
    { bp_type: HW_BREAKPOINT_X, bp_addr: TEXT, bp_len: 4 },
    () => {
      told++;
      machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 });
    },
    task,
  );
  machine.run(100);
  t.deepEqual([told, handled, task.exit], [1, [TEXT], { code: 0 }]);
});
