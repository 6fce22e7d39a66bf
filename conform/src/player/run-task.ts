import type { Task } from '@hwbp/core';
import type { Tracer } from '@hwbp/ptrace';
import { StepError } from '../format/arguments.js';
import type { Value } from '../format/script.js';
import type { RunEnd } from './control.js';
import type { Results } from './results.js';
import type { Run } from './run.js';
import type { Stage } from './stage.js';

/** What a run showed. */
export interface RunResult {
  readonly stops: readonly Value[];
  /** Why it did not reach its end, as transcripts have it. */
  readonly end: string | undefined;
  /** What its system call returned. */
  readonly result: bigint;
  /** The task that it made. */
  readonly child: Task | undefined;
  /** Says whether the watched bytes differ now. */
  changed(): boolean | undefined;
}

const proceed = (tracer: Tracer, task: Task): void => tracer.cont(task);

/**
 * Lets a stopped task run from the given registers to the trap behind its instructions; it is struck off if it ends.
 */
export function runTask({ architecture, tracer, tasks }: Stage, task: Task, run: Run): RunResult {
  const { control } = architecture;
  const { resume = proceed, stopped, watch, mostStops = control.mostStops } = run;
  tracer.setRegs(task, control.registers(run.registers));
  const before = watch?.();
  const changed = (): boolean | undefined => {
    const now = before === undefined ? undefined : watch?.();
    return now?.some((byte, i) => byte !== before?.[i]);
  };
  const stops: Value[] = [];
  let end: RunEnd | undefined;
  let child: Task | undefined;
  while (end === undefined) {
    resume(tracer, task);
    const status = tracer.wait(task);
    if (status === undefined) throw new StepError(`the played task ${task} neither stopped nor ended`);
    stopped?.(tracer, task, status);
    if (control.isEnd(status)) break;
    if (status.kind === 'event') {
      child = status.child ?? child;
    } else if (status.kind === 'signal') {
      // As the recorder does: a forked task has ended at some point.
      if (status.info.si_signo === 'SIGCHLD') continue;
      stops.push(control.showStop({ tracer, task, info: status.info, run, changed }));
      if (control.fatal.includes(status.info.si_signo)) end = { kind: 'signal', signal: status.info.si_signo };
      else if (stops.length === mostStops) end = { kind: 'stops' };
    } else {
      end = status;
      tasks.ended(task);
    }
  }
  const result = task.alive ? BigInt.asIntN(64, task.context.get(control.result)) : 0n;
  return { stops, end: end && control.showEnd(end), result, child, changed };
}

/** Lets a task make a system call. */
export function callSystem(
  stage: Stage,
  task: Task,
  name: string,
  args: readonly bigint[] = [],
  run: Partial<Run> = {},
): RunResult {
  return runTask(stage, task, { ...run, registers: stage.architecture.control.call(name, args, task) });
}

/** Lets a task make a child, which is traced from birth, by a system call; both run to the end of it. */
export function bearTask(
  stage: Stage,
  parent: Task,
  call: string,
  args: readonly bigint[],
  name: () => string,
): RunResult {
  const { tracer, tasks } = stage;
  const result = callSystem(stage, parent, call, args);
  if (result.child !== undefined) {
    tasks.adopt(name(), result.child);
    // It begins with the SIGSTOP of a traced birth.
    tracer.wait(result.child);
    tracer.cont(result.child);
    tracer.wait(result.child);
  }
  return result;
}

/** What a run showed, as a step's results. */
export function shown({ stops, end }: RunResult): Results {
  return end === undefined ? { stops } : { stops, end };
}
