import type { Quirk } from '@hwbp/core';
import { ARCHITECTURES, architectureOfScript } from './architectures.js';
import { compareScripts, type Difference } from './compare.js';
import type { TranscriptError } from './errors.js';
import { StepError } from './format/arguments.js';
import type { Line } from './format/line.js';
import type { Script } from './format/script.js';
import { AbsentStep, obstacleOf, play } from './player/play.js';
import type { RecordedArchitecture } from './player/recorded-architecture.js';
import type { ConformOptions } from './player/stage.js';

/** What became of one script. */
export type Outcome =
  | { readonly result: 'matched'; readonly played: Script }
  | { readonly result: 'differs'; readonly played: Script; readonly difference: Difference }
  /** `reason` says what is missing, such as `needs ppc64`. */
  | { readonly result: 'not played'; readonly reason: string }
  /** A step that cannot be understood; or a whole line, and then `error` says where it is. */
  | { readonly result: 'malformed'; readonly reason: string; readonly error?: TranscriptError };

/** A script's outcome; a line that is no script is called `line N`. */
export interface ScriptOutcome {
  readonly id: string;
  readonly outcome: Outcome;
}

/** Every quirk of the kernels that scripts are played on. */
export const QUIRKS: readonly Quirk[] = Object.freeze([...new Set(ARCHITECTURES.flatMap(({ quirks }) => quirks))]);

function comparable({ comparable: step }: RecordedArchitecture, script: Script): Script {
  return step === undefined ? script : { ...script, steps: script.steps.map(step) };
}

/** Why a script cannot be played on an architecture that is not the recorded one. */
function foreign(
  recorded: RecordedArchitecture,
  script: Script,
  { createArchitecture }: ConformOptions,
): string | undefined {
  if (createArchitecture === undefined) return undefined;
  const { name, options = {} } = recorded.kernel(script).arch;
  const own = createArchitecture(options);
  return own.name === name ? undefined : `recorded on ${name}, not on ${own.name}`;
}

function compared(architecture: RecordedArchitecture, script: Script, played: Script): Outcome {
  const difference = compareScripts(comparable(architecture, script), comparable(architecture, played));
  return difference === undefined ? { result: 'matched', played } : { result: 'differs', played, difference };
}

/** Plays one script against a freshly composed kernel. */
export function conformScript(script: Script, options: ConformOptions): Outcome {
  const architecture = architectureOfScript(script);
  try {
    const obstacle = obstacleOf(architecture, script) ?? foreign(architecture, script, options);
    if (obstacle !== undefined) return { result: 'not played', reason: obstacle };
    return compared(architecture, script, play(architecture, script, options));
  } catch (error) {
    if (error instanceof AbsentStep) {
      // It may be absent for a difference before.
      const { length } = error.played.steps;
      const before = compared(architecture, { ...script, steps: script.steps.slice(0, length) }, error.played);
      if (before.result === 'differs') return before;
    }
    if (error instanceof StepError) return { result: 'malformed', reason: error.message };
    throw error;
  }
}

function conformLine(line: Line, options: ConformOptions): ScriptOutcome {
  if ('script' in line) return { id: line.script.id, outcome: conformScript(line.script, options) };
  if ('error' in line) {
    return { id: line.id, outcome: { result: 'not played', reason: `its recording failed (${line.error})` } };
  }
  const { malformed: error } = line;
  return { id: `line ${error.place.line}`, outcome: { result: 'malformed', reason: error.complaint, error } };
}

/** Plays the lines of a transcript, one after the other. */
export async function* conform(
  lines: AsyncIterable<Line> | Iterable<Line>,
  options: ConformOptions,
): AsyncGenerator<ScriptOutcome> {
  for await (const line of lines) yield conformLine(line, options);
}
