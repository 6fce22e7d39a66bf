import { type Access, program, type SignalHandler } from '@hwbp/core';
import { countArgument, StepError, textArgument, wordArgument } from '../format/arguments.js';
import { hexValue } from '../format/hex.js';
import type { Step } from '../format/script.js';
import { MEMORY_OPS as COMMON, sys } from '../ops/memory-ops.js';
import type { Ops } from '../player/recorded-architecture.js';
import type { Results } from '../player/results.js';
import { callSystem, shown } from '../player/run-task.js';
import type { Stage } from '../player/stage.js';
import { going } from './going.js';

const MOST_TIMES = 1000;
/** What the recorder executes, by name. */
const INSTRUCTIONS: Readonly<Record<string, readonly [kind: Access['kind'], size: number]>> = {
  st8: ['write', 8],
  st1: ['write', 1],
  ld8: ['read', 8],
  stp: ['write', 16],
};

/** op self_access: the recorder accesses its own memory; its handler of SIGTRAP gives up at the `limit`-th call. */
function selfAccess({ self, events }: Stage, step: Step): Results {
  const name = textArgument(step, 'insn');
  const instruction = Object.hasOwn(INSTRUCTIONS, name) ? INSTRUCTIONS[name] : undefined;
  if (instruction === undefined) throw new StepError(`op self_access: there is no instruction '${name}'`);
  const limit = countArgument(step, 'limit', MOST_TIMES, MOST_TIMES);
  let traps = 0;
  let last = 0n;
  const handler: SignalHandler = ({ si_addr = 0n }) => {
    last = si_addr;
    if (++traps === limit) for (const [, file] of events.opened()) file.disable();
    return program([])();
  };
  self.task.handlers.set('SIGTRAP', handler);
  for (let left = countArgument(step, 'n', MOST_TIMES, 1); left > 0; left--) {
    self.access(instruction[0], wordArgument(step, 'addr'), instruction[1]);
  }
  self.task.handlers.delete('SIGTRAP');
  return traps === 0 ? {} : { traps, trap_addr: hexValue(last) };
}

/** op sys; of getpid it is not said what it returned. */
function call(stage: Stage, step: Step): Results {
  if (step.call !== 'getpid') return sys(stage, step);
  return shown(callSystem(stage, stage.tasks.of(step), 'getpid', [], going(step)));
}

/** Ops in which the kernel, or the recorder, touches memory. */
export const MEMORY_OPS: Ops = { ...COMMON, sys: call, self_access: selfAccess };
