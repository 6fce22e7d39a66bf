import { KernelError } from '@hwbp/core';
import { AbsentError, StepError } from '../format/arguments.js';
import type { Script, Step } from '../format/script.js';
import type { RecordedArchitecture } from './recorded-architecture.js';
import type { Results } from './results.js';
import { type ConformOptions, Stage } from './stage.js';

/** The parts of the state that a script asks for after each step. */
function partsOf({ setup: { after } }: Script): readonly string[] {
  return typeof after === 'string' ? after.split(',').filter((part) => part !== '') : [];
}

/** Why a script cannot be played; `undefined` if it can. */
export function obstacleOf(architecture: RecordedArchitecture, script: Script): string | undefined {
  const foreign = partsOf(script).find((part) => !Object.hasOwn(architecture.readBack ?? {}, part));
  return foreign === undefined ? architecture.obstacle?.(script) : `reads back ${foreign}, which is not played`;
}

/** A step about what is not there; what was played before may say why. */
export class AbsentStep extends StepError {
  /** The script up to it, with our kernel's results. */
  readonly played: Script;

  constructor(message: string, played: Script) {
    super(message);
    this.played = played;
  }
}

/**
 * Plays a script on a freshly composed kernel, through the doors that any user has: ptrace, perf events and the
 * machine. Returns it with our kernel's results. Throws a StepError for a step that is none
 * of this architecture's, and an {@link AbsentStep} for one about what our kernel may have refused.
 */
export function play(architecture: RecordedArchitecture, script: Script, options: ConformOptions): Script {
  using stage = new Stage(architecture, script, options);
  architecture.begin?.(stage, script);
  const parts = partsOf(script);
  const steps: Step[] = [];
  for (const step of script.steps) {
    try {
      steps.push(playStep(stage, parts, step));
    } catch (error) {
      throw numbered(error, step, { ...script, steps });
    }
  }
  return { ...script, steps };
}

/**
 * What is wrong with a step is told with its number; what our kernel refuses to do at all, no real one has recorded.
 */
function numbered(error: unknown, step: Step, played: Script): unknown {
  const { length: number } = played.steps;
  if (error instanceof AbsentError) return new AbsentStep(`step ${number}: ${error.message}`, played);
  if (error instanceof StepError) return new StepError(`step ${number}: ${error.message}`);
  if (error instanceof KernelError) return new StepError(`step ${number}: op ${step.op}: ${error.message}`);
  return error;
}

function playStep(stage: Stage, parts: readonly string[], step: Step): Step {
  const { ops, around, readBack } = stage.architecture;
  const op = Object.hasOwn(ops, step.op) ? ops[step.op] : undefined;
  if (op === undefined) throw new StepError(`unknown op '${step.op}'`);
  around?.(stage);
  const results = op(stage, step);
  around?.(stage);
  const played = { ...argumentsOf(stage.architecture, step), ...results } as Step;
  if (readBack === undefined) return played;
  const after: Results = {};
  for (const [part, read] of Object.entries(readBack)) if (parts.includes(part)) Object.assign(after, read(stage));
  return { ...played, after };
}

/** A step without its results. */
function argumentsOf({ results: { all, of } }: RecordedArchitecture, step: Step): Results {
  const own = Object.hasOwn(of, step.op) ? (of[step.op] ?? []) : [];
  const came = new Set([...all, ...own]);
  return Object.fromEntries(Object.entries(step).filter(([field]) => !came.has(field)));
}
