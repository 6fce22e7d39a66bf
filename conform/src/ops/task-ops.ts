import { countArgument, textArgument } from '../format/arguments.js';
import type { Step } from '../format/script.js';
import type { Ops } from '../player/recorded-architecture.js';
import { attempt, type Results, systemCallResult } from '../player/results.js';
import { bearTask, callSystem, shown } from '../player/run-task.js';
import type { Stage } from '../player/stage.js';

/** CLONE_VM, FS, FILES, SIGHAND, THREAD and SYSVSEM. */
const THREAD_FLAGS = 0x5_0f00n;
/** Instructions that execute before a task that was let go sleeps. */
const MOST_TO_SLEEP = 10_000;

/** Which of the worker's programs a step executes, as an execve says it: the one of so many bits, or just the one. */
const pathOf = (step: Step): bigint => BigInt(countArgument(step, 'bits', 64, 0));

function spawn({ workers, self, tasks }: Stage, step: Step): Results {
  const cpu = countArgument(step, 'cpu', 1, 0);
  const options = { cpu, uid: countArgument(step, 'uid', 65535, 0), path: pathOf(step) };
  tasks.adopt(textArgument(step, 'task'), workers.spawn(self.task, options));
  return {};
}

function exit(stage: Stage, step: Step): Results {
  const call = textArgument(step, 'how') === 'thread' ? 'exit' : 'exit_group';
  return shown(callSystem(stage, stage.tasks.of(step), call));
}

function exec(stage: Stage, step: Step): Results {
  const { going } = stage.architecture.control;
  return shown(callSystem(stage, stage.tasks.of(step), 'execve', [pathOf(step)], going(step)));
}

function kill({ machine, tasks }: Stage, step: Step): Results {
  const task = tasks.of(step);
  // It dies by running: its events see that time.
  machine.wake(task);
  if (task.alive && !task.onCpu) machine.schedule(task.cpu);
  machine.cpu(task.cpu).clock.advance(1);
  machine.sendSignal(task, { si_signo: 'SIGKILL', si_code: 0 });
  tasks.ended(task);
  return {};
}

function bear(stage: Stage, step: Step, call: string, args: readonly bigint[]): Results {
  const result = bearTask(stage, stage.tasks.of(step), call, args, () => textArgument(step, 'new'));
  return { ...shown(result), ...(result.child === undefined ? systemCallResult(result.result) : { ret: 0 }) };
}

function affinity({ machine, tasks }: Stage, step: Step): Results {
  const task = tasks.of(step);
  const cpu = countArgument(step, 'cpu', 1);
  // One that has ended and was not waited for can still be asked to move.
  if (task.alive) machine.setAffinity(task, [cpu]);
  return {};
}

function detach({ machine, tasks, tracer, architecture }: Stage, step: Step): Results {
  const task = tasks.of(step);
  attempt(() => void tracer.setRegs(task, architecture.control.asleep ?? {}));
  const result = attempt(() => void tracer.detach(task));
  tasks.detached(task);
  machine.run(MOST_TO_SLEEP);
  return result;
}

function attach({ tasks, tracer, architecture }: Stage, step: Step): Results {
  const task = tasks.of(step);
  const result = attempt(() => void tracer.attach(task, architecture.control.traceOptions));
  if (result.ret !== 0) return result;
  const status = tracer.wait(task);
  if (status?.kind === 'exited' || status?.kind === 'killed') {
    tasks.ended(task);
    return { ...result, end: status.kind === 'killed' ? status.signal : 'exited' };
  }
  tasks.attached(task);
  const signal = status?.kind === 'signal' ? status.info.si_signo : 'SIGSTOP';
  return signal === 'SIGSTOP' ? result : { ...result, sig: signal };
}

/** Ops that make, move and end tasks, where a script names its tasks. */
export const TASK_OPS: Ops = {
  spawn,
  exit,
  kill,
  fork: (stage, step) => bear(stage, step, 'fork', []),
  thread: (stage, step) => bear(stage, step, 'clone', [THREAD_FLAGS]),
  exec,
  affinity,
  detach,
  attach,
};
