/*
 * System calls by number, and two processes: the parent reads a line from the console and
 * sends it through a pipe, the child writes it back.
 * Run: echo hello | hwbp run examples/dist/system-calls/kernel.config.js
 */
import { x86 } from '@hwbp/arch-x86';
import { defineKernel, type Instruction, type Loaded, program, type Task } from '@hwbp/core';
import { linuxSystemCalls, NUMBERS } from '@hwbp/syscalls';

const TEXT = 0x40_0000n;
const BUFFER = 0x60_0000n;
const PIPE = 0x60_1000n;
const CALLS = NUMBERS.x86_64;

/** Steps of a program that makes system calls: what a call returns comes back. */
type Steps = Generator<Instruction, bigint, Loaded>;

/** Makes a call: its number and arguments go into the registers of the ABI, and its result is in one. */
function* call(task: Task, number = -1, ...args: readonly bigint[]): Steps {
  const [rdi = 0n, rsi = 0n, rdx = 0n] = args;
  yield { pc: TEXT, length: 7, registers: { rax: BigInt(number), rdi, rsi, rdx } };
  yield { pc: TEXT + 7n, length: 2, syscall: true };
  return BigInt.asIntN(64, task.context.get('rax'));
}

/** What is in the pipe, to the console, until its end. */
function* child(task: Task): Generator<Instruction, void, Loaded> {
  yield* call(task, CALLS.close, 4n);
  for (;;) {
    const count = yield* call(task, CALLS.read, 3n, BUFFER, 256n);
    if (count <= 0n) break;
    yield* call(task, CALLS.write, 1n, BUFFER, count);
  }
  yield* call(task, CALLS.exit_group, 0n);
}

/** A line from the console, into the pipe. */
function* parent(task: Task): Generator<Instruction, void, Loaded> {
  yield* call(task, CALLS.pipe2, PIPE, 0n);
  yield* call(task, CALLS.fork);
  yield* call(task, CALLS.close, 3n);
  const count = yield* call(task, CALLS.read, 0n, BUFFER, 256n);
  yield* call(task, CALLS.write, 4n, BUFFER, count);
  yield* call(task, CALLS.close, 4n);
  yield* call(task, CALLS.wait4, BigInt.asUintN(64, -1n), 0n, 0n);
  yield* call(task, CALLS.exit_group, 0n);
}

/** A program is made before its task: it finds that as it begins. */
const of = (steps: (task: Task) => Generator<Instruction, void, Loaded>, task: () => Task | undefined) =>
  program(function* () {
    const found = task();
    if (found !== undefined) yield* steps(found);
  });

export default defineKernel({
  kernel: {
    arch: x86(),
    plugins: [
      linuxSystemCalls({
        numbers: CALLS,
        // A generator cannot be copied: this says what a child executes.
        child: ({ machine, cpu }) => of(child, () => machine.current(cpu)),
      }),
    ],
  },
  setup(kernel) {
    const { machine } = kernel;
    const task: Task = machine.spawn(
      of(parent, () => task),
      { comm: 'parent' },
    );
  },
});
