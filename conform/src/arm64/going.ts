import { SI_CODES, type Task } from '@hwbp/core';
import type { Tracer, WaitStatus } from '@hwbp/ptrace';
import { countArgument, StepError } from '../format/arguments.js';
import type { Step } from '../format/script.js';
import { stepping } from '../ops/stepping.js';
import { attempt } from '../player/results.js';
import type { Run } from '../player/run.js';
import { type HardwareDebugState, NOTES, readState, writeState } from './regsets.js';

/** Bit 0 of a control word. */
const ENABLE = 1;
const MOST_STOPS = 1000;
const SETS: readonly number[] = Object.values(NOTES);

/** What is written back: the entries up to the last one that has a control word. */
function written({ entries, ...rest }: HardwareDebugState): HardwareDebugState {
  return { ...rest, entries: entries.slice(0, entries.findLastIndex(({ control }) => control !== 0) + 1) };
}

function disabled({ entries, ...rest }: HardwareDebugState): HardwareDebugState {
  return { ...rest, entries: entries.map((entry) => ({ ...entry, control: entry.control & ~ENABLE })) };
}

function isHit(status: WaitStatus): boolean {
  if (status.kind !== 'signal') return false;
  const { si_signo, si_code } = status.info;
  return si_signo === 'SIGTRAP' && si_code === SI_CODES.TRAP_HWBKPT;
}

/**
 * As debuggers do: from a stop of a hardware breakpoint one step with all of the task's breakpoints disabled, which
 * writes back what was read.
 */
function steppingOver(): Pick<Run, 'resume' | 'stopped'> {
  let hit = false;
  let saved: readonly (readonly [note: number, state: HardwareDebugState])[] = [];
  return {
    resume(tracer: Tracer, task: Task) {
      if (!hit) {
        tracer.cont(task);
        return;
      }
      hit = false;
      saved = SETS.map((note) => [note, written(readState(tracer, task, note))] as const);
      for (const [note, state] of saved) attempt(() => void writeState(tracer, task, note, disabled(state)));
      tracer.singleStep(task);
    },
    stopped(tracer: Tracer, task: Task, status: WaitStatus) {
      const stepped = saved.length > 0;
      // One that has ended has no registers.
      if (task.alive) for (const [note, state] of saved) attempt(() => void writeState(tracer, task, note, state));
      saved = [];
      hit = !stepped && isHit(status);
    },
  };
}

/** How a step's task is run: `mode` says how it goes on, `max` how many stops are listed. */
export function going(step: Step): Omit<Run, 'registers' | 'watch'> {
  const { mode = 'cont' } = step;
  const limit = step.max === undefined ? {} : { mostStops: countArgument(step, 'max', MOST_STOPS) };
  if (mode === 'over') return { ...steppingOver(), ...limit };
  if (mode === 'cont' || mode === 'step') return { ...stepping(step), ...limit };
  throw new StepError(`op ${step.op}: mode is cont, step or over, got ${JSON.stringify(mode)}`);
}
