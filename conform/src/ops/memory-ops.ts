import { countArgument, StepError, textArgument, wordArgument } from '../format/arguments.js';
import type { Step } from '../format/script.js';
import type { Ops } from '../player/recorded-architecture.js';
import { REMOTE_STORES, type RemoteStore } from '../player/remote-memory.js';
import { type Results, systemCallResult } from '../player/results.js';
import { callSystem, shown } from '../player/run-task.js';
import type { Stage } from '../player/stage.js';
import { FD } from '../player/system-calls.js';

const WORD = 8;
/** Most bytes of one transfer. */
const MOST_BYTES = 4096;

/** How transfers are made: the system call, and the descriptor. */
const TRANSFERS: Readonly<Record<string, readonly [call: string, descriptor: bigint]>> = {
  read_zero: ['read', FD.zero],
  read_pipe: ['read', FD.pipeRead],
  write_pipe: ['write', FD.pipeWrite],
};

/** A system call by its name in transcripts: the kernel's name, and the arguments. */
function callOf(step: Step): readonly [call: string, args: readonly bigint[]] {
  const name = textArgument(step, 'call');
  if (name === 'getresuid') return [name, ['a', 'b', 'c'].map((pointer) => wordArgument(step, pointer))];
  const transfer = Object.hasOwn(TRANSFERS, name) ? TRANSFERS[name] : undefined;
  if (transfer === undefined) throw new StepError(`op sys: there is no call '${name}'`);
  const [call, descriptor] = transfer;
  return [call, [descriptor, wordArgument(step, 'addr'), BigInt(countArgument(step, 'len', MOST_BYTES))]];
}

/** op sys: a system call that the kernel copies for. */
export function sys(stage: Stage, step: Step): Results {
  const task = stage.tasks.of(step);
  const result = callSystem(stage, task, ...callOf(step), stage.architecture.control.going(step));
  return { ...shown(result), ...systemCallResult(result.result) };
}

function copyWay(step: Step): RemoteStore {
  const via = textArgument(step, 'via');
  const known = REMOTE_STORES.find((one) => one === via);
  if (known !== undefined) return known;
  throw new StepError(`op ${step.op}: there is no way '${via}': ${REMOTE_STORES.join(', ')}`);
}

/** The recorder writes a task's memory. */
function remoteWrite({ memory, tasks }: Stage, step: Step): Results {
  const task = tasks.of(step);
  const address = wordArgument(step, 'addr');
  const via = copyWay(step);
  // Only process_vm_writev respects pages that the task may not write.
  const reached = memory.poke(task, address, memory.nextWord(), { via, force: via !== 'vm_writev' });
  if (reached === WORD) return { ret: 0 };
  // A write that stops half way is short, which the recorder calls -1 although no errno was set.
  if (reached > 0 && via !== 'pokedata') return { ret: -1, errno: '0' };
  return { ret: -1, errno: via === 'vm_writev' ? 'EFAULT' : 'EIO' };
}

/** Ops in which the kernel, or the recorder, touches memory. */
export const MEMORY_OPS: Ops = {
  sys,
  remote_write: remoteWrite,
  self_store: ({ self, addresses }, step) => {
    self.access('write', addresses.resolve(step.addr, 'op self_store: addr'), WORD);
    return {};
  },
};
