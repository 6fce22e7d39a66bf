import type { Task } from '@hwbp/core';
import { countArgument } from '../format/arguments.js';
import { hexValue } from '../format/hex.js';
import type { Step, Value } from '../format/script.js';
import { attempt, type Results } from '../player/results.js';
import type { Stage } from '../player/stage.js';

const DEBUG_REGISTERS = 8;
/** Most that a register's number may be: numbers behind the last one are other words of struct user. */
const MOST_REGISTER = 1 << 20;

function read({ tracer }: Stage, task: Task, register: number): bigint {
  return tracer.peekUser(task, tracer.debugOffset(register));
}

/** op poke: PTRACE_POKEUSER. */
export function poke({ tracer, addresses, tasks }: Stage, step: Step): Results {
  const offset = tracer.debugOffset(countArgument(step, 'reg', MOST_REGISTER));
  const value = addresses.resolve(step.val, 'op poke: val');
  return attempt(() => void tracer.pokeUser(tasks.of(step), offset, value));
}

/** op peek: PTRACE_PEEKUSER. */
export function peek(stage: Stage, step: Step): Results {
  return attempt(() => {
    const task = stage.tasks.of(step);
    return { val: hexValue(read(stage, task, countArgument(step, 'reg', MOST_REGISTER))) };
  });
}

/** The debug registers of every traced task. */
export function readDebugRegisters(stage: Stage): Value {
  const registers: Results = {};
  for (const [name, task] of stage.tasks.traced()) {
    // One that ended with another thread of its process is still listed: the recorder's peeks fail and leave 0.
    const values = Array.from({ length: DEBUG_REGISTERS }, (_, i) => (task.alive ? read(stage, task, i) : 0n));
    registers[name] = values.map(hexValue);
  }
  return registers;
}
