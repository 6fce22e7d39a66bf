import { type Machine, SI_CODES, type Task } from '@hwbp/core';
import { countArgument, StepError, textArgument, wordArgument } from '../format/arguments.js';
import type { Step } from '../format/script.js';
import { countOf } from '../player/open-events.js';
import type { Ops } from '../player/recorded-architecture.js';
import type { Results } from '../player/results.js';
import { bearTask, runTask } from '../player/run-task.js';
import type { Stage } from '../player/stage.js';
import { isTrap, TOO_MANY_STOPS } from './control.js';
import { readDabr } from './debug-ops.js';
import { nameOfTask, taskOf } from './numbered-tasks.js';
import { STUBS, stubAddress } from './worker-layout.js';

/** Bytes that no store leaves as they are. */
const FILL = 0xee;
const MOST_BYTES = 0x1000;

function killAndReap({ machine, tracer }: Stage, task: Task): void {
  machine.sendSignal(task, { si_signo: 'SIGKILL', si_code: SI_CODES.SI_USER });
  tracer.wait(task);
}

const cpuOf = ({ cpus }: Machine, index: number): number => index % cpus.length;

function fork(stage: Stage, step: Step): Results {
  const { tasks, machine } = stage;
  const index = tasks.size;
  const { child } = bearTask(stage, taskOf(stage, step), 'fork', [], () => nameOfTask(index));
  if (child === undefined) throw new StepError('the played task made no child');
  machine.setAffinity(child, [cpuOf(machine, index)]);
  return { child: index, dr0: readDabr(stage, child) };
}

/**
 * The task executes itself again: a SIGTRAP, since nobody asked for the event, and then the stop that it begins with.
 */
function exec(stage: Stage, step: Step): Results {
  const { tracer, architecture } = stage;
  const task = taskOf(stage, step);
  tracer.setRegs(task, architecture.control.call('execve', [], task));
  tracer.cont(task);
  const trap = tracer.wait(task);
  const sigtrap = trap?.kind === 'signal' && trap.info.si_signo === 'SIGTRAP' && !isTrap(trap);
  tracer.cont(task);
  const stopped = tracer.wait(task);
  const signal = stopped?.kind === 'signal' ? stopped.info.si_signo : undefined;
  return {
    ret: 0,
    stop: sigtrap ? 'exec-sigtrap' : 'other',
    // waitpid's status of a stop: the signal above 0x7f.
    st: signal === 'SIGSTOP' ? '0x137f' : '0x057f',
    dr0: readDabr(stage, task),
  };
}

/** What every open event has counted. */
function counts({ events }: Stage): ReadonlyMap<string, number> {
  return new Map([...events.opened()].map(([name, file]) => [name, countOf(file) ?? 0]));
}

/** What each open event has counted since. */
function delta(stage: Stage, before: ReadonlyMap<string, number>): Results {
  if (before.size === 0) return {};
  const since = [...counts(stage)].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const);
  return { delta: Object.fromEntries(since) };
}

function access(stage: Stage, step: Step): Results {
  const task = taskOf(stage, step);
  const name = textArgument(step, 'insn');
  if (!Object.hasOwn(STUBS, name)) throw new StepError(`op access: there is no instruction '${name}'`);
  const address = wordArgument(step, 'addr');
  const length = countArgument(step, 'size', MOST_BYTES);
  const unique = stage.unique();
  // Through an alias that no debug register sees.
  task.memory.write(address, new Uint8Array(length).fill(FILL));
  const before = counts(stage);
  const run = runTask(stage, task, {
    registers: { nip: stubAddress(name), r4: address, r5: unique, r6: BigInt(length) },
    watch: () => task.memory.read(address, length),
  });
  const killed = run.end === TOO_MANY_STOPS;
  if (killed) killAndReap(stage, task);
  else if (run.end !== undefined || run.child !== undefined) throw new StepError(`the played task ${task} ended`);
  return {
    ...(run.stops.length === 0 ? {} : { stops: run.stops }),
    ...(killed ? { wait: 'killed' } : { mem_changed: run.changed() === true ? 1 : 0 }),
    ...(name.startsWith('sys_') && !killed ? { ret: Number(run.result) } : {}),
    hits: run.stops.length,
    ...delta(stage, before),
  };
}

/** Ops that make, run and end tasks. */
export const TASK_OPS: Ops = {
  fork,
  exec,
  kill: (stage, step) => {
    killAndReap(stage, taskOf(stage, step));
    return {};
  },
  access,
};
