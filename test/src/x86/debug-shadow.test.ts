import { X86_MODELS, x86 } from '@hwbp/arch-x86';
import { composeKernel, type Instruction, program, type SignalInfo } from '@hwbp/core';
import test from 'ava';

// What an instruction behind MOV SS does with the watch that MOV SS has hit. Seen on Linux 6.18 on an AMD EPYC with
// perf_event_open and ptrace, but for ICEBP under Intel's suppression of execute breakpoints, which is the manual's.

const TEXT = 0x40_0000n;
const SS = 0x1000n;
const movSs: Instruction = {
  pc: TEXT,
  length: 4,
  shadow: true,
  accesses: [{ kind: 'read', address: SS, size: 2 }],
};
const nop = (at: bigint): Instruction => ({ pc: at, length: 1 });

interface Run {
  readonly hits: readonly string[];
  readonly signals: readonly string[];
}

/** Executes what is behind MOV SS; hits of a watch on SS, and signals with what is behind the instruction. */
function run(
  behind: Partial<Instruction>,
  options: { model?: keyof typeof X86_MODELS; exclude_kernel?: boolean; execute?: boolean; demandZero?: boolean } = {},
): Run {
  const { model = 'amd', exclude_kernel = false, execute = false, demandZero = true } = options;
  using kernel = composeKernel({ arch: x86({ model }) });
  const { machine, breakpoints } = kernel;
  const second: Instruction = { pc: TEXT + 4n, length: 1, ...behind };
  const task = machine.spawn(program([movSs, second, nop(TEXT + 0x20n), nop(TEXT + 0x21n)]), { demandZero });
  if (!demandZero) task.memory.map(SS, 2);
  const hits: string[] = [];
  const attr = { bp_type: 3, bp_addr: SS, bp_len: 2, exclude_kernel };
  breakpoints.registerUser(attr, ({ mode, cpu }) => hits.push(`${mode} ${cpu.context.pc - TEXT}`), task);
  if (execute) {
    const at = { bp_type: 4, bp_addr: TEXT + 4n, bp_len: 8 };
    breakpoints.registerUser(at, ({ cpu }) => hits.push(`execute ${cpu.context.pc - TEXT}`), task);
  }
  const signals: string[] = [];
  const note = ({ si_signo, si_code }: SignalInfo) => {
    signals.push(`${si_signo} ${si_code} at ${task.context.pc - TEXT}`);
    machine.exit(task);
    return program([])();
  };
  for (const signal of ['SIGTRAP', 'SIGSEGV', 'SIGILL'] as const) task.handlers.set(signal, note);
  machine.run(20);
  return { hits, signals };
}

test('behind MOV SS a plain instruction reports what MOV SS has hit', (t) => {
  t.deepEqual(run({}), { hits: ['user 5'], signals: [] });
  t.deepEqual(run({}, { exclude_kernel: true }).hits, ['user 5']);
});

test('INT3 behind MOV SS stops directly behind itself; the watch is hit inside the kernel', (t) => {
  const signals = ['SIGTRAP 128 at 5'];
  t.deepEqual(run({ trap: 'breakpoint' }), { hits: ['kernel 5'], signals });
  t.deepEqual(run({ trap: 'breakpoint' }, { exclude_kernel: true }), { hits: [], signals });
});

test('ICEBP behind MOV SS stops directly behind itself, and the watch is dropped', (t) => {
  t.deepEqual(run({ trap: 'debug' }), { hits: [], signals: ['SIGTRAP 1 at 5'] });
});

test('SYSCALL behind MOV SS takes it inside the kernel, without a stop', (t) => {
  const syscall = program([{ pc: 0xffff_ffff_8100_0000n, length: 4 }]);
  t.deepEqual(run({ length: 2, syscall }), { hits: ['kernel 6'], signals: [] });
  t.deepEqual(run({ length: 2, syscall }, { exclude_kernel: true }), { hits: [], signals: [] });
});

test('a fault behind MOV SS drops it: a page fault, an illegal instruction', (t) => {
  const accesses = [{ kind: 'write', address: 0x9000n, size: 4 }] as const;
  t.deepEqual(run({ accesses }, { demandZero: false }), { hits: [], signals: ['SIGSEGV 1 at 4'] });
  t.deepEqual(run({ control: { register: 'dr9' } }), { hits: [], signals: ['SIGILL 2 at 4'] });
});

test('an execute breakpoint behind MOV SS: AMD faults and drops what was held, Intel suppresses the breakpoint', (t) => {
  for (const model of ['amd', 'amd-2007', 'generic'] as const) {
    t.deepEqual(run({}, { model, execute: true }).hits, ['execute 4'], model);
  }
  t.deepEqual(run({}, { model: 'intel', execute: true }).hits, ['user 5']);
  t.true(X86_MODELS.intel.suppressesShadowedExecute);
});

test('what is held is pending for one instruction: nothing is left for the next ones', (t) => {
  for (const trap of ['breakpoint', 'debug'] as const) {
    using kernel = composeKernel({ arch: x86() });
    const { machine, breakpoints } = kernel;
    const task = machine.spawn(program([movSs, { pc: TEXT + 4n, length: 1, trap }, nop(TEXT + 5n), nop(TEXT + 6n)]));
    task.handlers.set('SIGTRAP', program([]));
    const attr = { bp_type: 3, bp_addr: SS, bp_len: 2, exclude_kernel: true };
    breakpoints.registerUser(attr, () => t.fail('a late hit'), task);
    machine.run();
    t.deepEqual(task.exit, { code: 0 });
    t.false(machine.cpu(0).unit.pending);
  }
});

test('a debugger of the kernel that stops at what INT3 has taken is told of INT3 behind it', (t) => {
  using kernel = composeKernel({ arch: x86() });
  const { machine, breakpoints } = kernel;
  const task = machine.spawn(program([movSs, { pc: TEXT + 4n, length: 1, trap: 'breakpoint' }, nop(TEXT + 5n)]));
  const order: string[] = [];
  task.handlers.set('SIGTRAP', ({ si_code }) => {
    order.push(`SIGTRAP ${si_code}`);
    return program([])();
  });
  breakpoints.registerUser(
    { bp_type: 3, bp_addr: SS, bp_len: 2 },
    (hit) => {
      order.push(hit.mode);
      hit.suspend('watch');
    },
    task,
  );
  t.is(machine.run().reason, 'suspended');
  t.deepEqual(order, ['kernel']);
  t.is(machine.run().reason, 'idle');
  t.deepEqual(order, ['kernel', 'SIGTRAP 128']);
});
