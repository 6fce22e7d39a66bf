import type { Task } from '@hwbp/core';
import { countArgument, StepError, textArgument, wordArgument } from '../format/arguments.js';
import { littleEndian } from '../format/little-endian.js';
import type { Step } from '../format/script.js';
import type { Ops } from '../player/recorded-architecture.js';
import type { Results } from '../player/results.js';
import { runTask, shown } from '../player/run-task.js';
import type { Stage } from '../player/stage.js';
import { going } from './going.js';
import { EXCLUSIVE_RESULT } from './instructions.js';
import { bitsOf } from './worker.js';
import { type Stub, stubAddress, stubNamed, WORKER } from './worker-layout.js';

const MOST_TIMES = 0xffff;

/** What cas expects: what is there, or what is not. */
function expected(task: Task, step: Step, address: bigint, size: number): Record<string, bigint> {
  const { memory } = task;
  const current = memory.firstFault(address, size, false) === undefined ? memory.readInteger(address, size) : 0n;
  const value = step.ok === 0 ? BigInt.asUintN(8 * size, ~current) : current;
  return { x3: BigInt.asUintN(64, value), x4: value >> 64n };
}

/** The registers that a stub begins with, and the bytes that it needs in memory. */
function begin(stage: Stage, task: Task, step: Step, stub: Stub): Record<string, bigint> {
  const address = wordArgument(step, 'addr');
  const times = BigInt(countArgument(step, 'n', MOST_TIMES, 1));
  const unique = stage.unique();
  const registers: Record<string, bigint> = { pc: stubAddress(stub), x0: address, x2: times };
  registers.x1 = task.compat ? BigInt.asUintN(32, unique) : unique;
  if (stub.source === true) {
    registers.x2 = wordArgument(step, 'src');
    registers.x3 = times;
    stage.memory.poke(task, registers.x2, littleEndian(unique, Number(times)));
  }
  if (stub.compares !== undefined) Object.assign(registers, expected(task, step, address, stub.compares));
  if (stub.clears !== undefined)
    stage.memory.poke(task, blockOf(address, stub.clears), littleEndian(unique, stub.clears));
  return registers;
}

const blockOf = (address: bigint, size: number): bigint => address - (address % BigInt(size));

/** op access: runs a stub, with whatever registers and memory it needs. */
function access(stage: Stage, step: Step): Results {
  const task = stage.tasks.of(step);
  const name = textArgument(step, 'insn');
  const stub = stubNamed(bitsOf(task), name);
  if (stub === undefined) throw new StepError(`op access: a task of ${bitsOf(task)} bits has no instruction '${name}'`);
  const registers = begin(stage, task, step, stub);
  const { changes, clears = 1 } = stub;
  const length = changes === 'count' ? Number(registers.x3) : (changes ?? 0);
  const first = blockOf(wordArgument(step, 'addr'), clears);
  const watch = length === 0 ? {} : { watch: () => stage.memory.peek(task, first, length) };
  const run = runTask(stage, task, { registers, ...going(step), ...watch });
  const stx = stub.exclusive === true && task.alive ? { stx: Number(task.context.get(EXCLUSIVE_RESULT)) } : {};
  return { ...shown(run), ...stx };
}

/** Runs what lies at an address, with a count in x2. */
function execute(stage: Stage, step: Step, pc: bigint): Results {
  const x2 = BigInt(countArgument(step, 'n', MOST_TIMES, 1));
  return shown(runTask(stage, stage.tasks.of(step), { registers: { pc, x2 }, ...going(step) }));
}

/** Ops that run the worker's instructions. */
export const ACCESS_OPS: Ops = {
  access,
  exe: (stage, step) => execute(stage, step, wordArgument(step, 'from')),
  yields: (stage, step) => execute(stage, step, WORKER.yieldLoop),
};
