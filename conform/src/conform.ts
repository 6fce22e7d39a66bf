import type { Quirk } from '@hwbp/core';
import { compareScripts, type Difference } from './compare.js';
import { StepError } from './format/arguments.js';
import type { Format, Line, Script } from './format/transcript.js';
import { comparablePpc64 } from './ppc64/comparable.js';
import { Ppc64Player } from './ppc64/player.js';
import { resolveMachine } from './x86/machine-facts.js';
import { X86Player } from './x86/player.js';

/** What became of one script. */
export type Outcome =
  | { readonly result: 'matched'; readonly played: Script }
  | { readonly result: 'differs'; readonly played: Script; readonly difference: Difference }
  /** `reason` says what is missing, such as `needs ppc64`. */
  | { readonly result: 'not played'; readonly reason: string }
  /** A step that cannot be understood. */
  | { readonly result: 'malformed'; readonly reason: string };

/** How transcripts are played. */
export interface ConformOptions {
  /** Without the quirks of Linux. */
  readonly strict: boolean;
  /** Names of single quirks that are left out: see {@link QUIRKS}. */
  readonly without?: readonly string[];
}

/** Every quirk of the kernels that scripts are played on. */
export const QUIRKS: readonly Quirk[] = Object.freeze([...new Set([...X86Player.quirks, ...Ppc64Player.quirks])]);

/** How the scripts of a format are played. */
interface PlayerOf {
  /** Why a script cannot be played; `undefined` if it can. */
  obstacle(script: Script): string | undefined;
  /** The script with the results that our kernel gives. Throws a StepError for a step that is no step of this format. */
  play(script: Script, options: ConformOptions): Script;
  /** The script as far as its results can be compared. */
  comparable(script: Script): Script;
}

const PLAYERS: Readonly<Record<Format, PlayerOf>> = {
  x86: {
    obstacle: X86Player.obstacle,
    play: (script, options) => new X86Player({ ...options, machine: resolveMachine(script) }).play(script),
    comparable: (script) => script,
  },
  ppc64: {
    obstacle: Ppc64Player.obstacle,
    play: (script, options) => new Ppc64Player(script, options).play(),
    comparable: comparablePpc64,
  },
};

/** Plays one script against a freshly composed kernel. */
export function conformScript(script: Script, options: ConformOptions): Outcome {
  const player = PLAYERS[script.format];
  const obstacle = player.obstacle(script);
  if (obstacle !== undefined) return { result: 'not played', reason: obstacle };
  try {
    const played = player.play(script, options);
    const difference = compareScripts(player.comparable(script), player.comparable(played));
    return difference === undefined ? { result: 'matched', played } : { result: 'differs', played, difference };
  } catch (error) {
    if (error instanceof StepError) return { result: 'malformed', reason: error.message };
    throw error;
  }
}

/** Plays the scripts of a transcript, one after the other. */
export async function* conform(
  lines: AsyncIterable<Line> | Iterable<Line>,
  options: ConformOptions,
): AsyncGenerator<{ readonly id: string; readonly outcome: Outcome }> {
  for await (const line of lines) {
    if ('script' in line) yield { id: line.script.id, outcome: conformScript(line.script, options) };
    else yield { id: line.id, outcome: { result: 'not played', reason: `its recording failed (${line.error})` } };
  }
}
