import { compareScripts, type Difference, type Script } from '@hwbp/conform';
import { recorded } from './recorded.js';
import { type Programs, runOnce } from './recorder-process.js';
import type { ScriptText } from './script-text.js';

/** What became of one script. */
export type Recording =
  | { readonly id: string; readonly script: ScriptText; readonly result: 'stable'; readonly line: string }
  /** Two passes gave different answers. */
  | {
      readonly id: string;
      readonly script: ScriptText;
      readonly result: 'unstable';
      readonly pass: string;
      readonly difference: Difference | undefined;
    }
  /** The recorder could not finish it, in any pass. */
  | { readonly id: string; readonly script: ScriptText; readonly result: 'failed'; readonly reason: string };

interface Pass {
  readonly name: string;
  readonly reversed?: boolean;
  readonly busy?: boolean;
}

/** How often a script is recorded: only answers that do not depend on what ran before or beside are kept. */
const PASSES: readonly Pass[] = [
  { name: 'forwards' },
  { name: 'reversed', reversed: true },
  { name: 'busy', busy: true },
  { name: 'forwards again' },
];

async function runPass(programs: Programs, scripts: readonly ScriptText[], pass: Pass): Promise<readonly string[]> {
  if (pass.reversed === true) return (await runOnce(programs, scripts.toReversed())).toReversed();
  return runOnce(programs, scripts, { busy: pass.busy ?? false });
}

/** A difference, the other way round. */
function reversed(difference: Difference | undefined): Difference | undefined {
  return difference && { ...difference, expected: difference.got, got: difference.expected };
}

/** The first field in which two recordings of a script differ; steps that only one of them has count. */
export function differenceOf(one: Script, other: Script): Difference | undefined {
  return compareScripts(one, other) ?? reversed(compareScripts(other, one));
}

function judge(script: ScriptText, lines: readonly string[]): Recording {
  const { id } = script;
  const [first = ''] = lines;
  const other = lines.findIndex((line) => line !== first);
  if (other >= 0) {
    const pass = PASSES[other]?.name ?? '?';
    const [then, now] = [recorded(first).script, recorded(lines[other] ?? '').script];
    return { id, script, result: 'unstable', pass, difference: then && now && differenceOf(then, now) };
  }
  const answer = recorded(first);
  if (answer.script === undefined) return { id, script, result: 'failed', reason: answer.error };
  return { id, script, result: 'stable', line: first };
}

/** Records scripts in several passes. */
export async function recordRepeatedly(programs: Programs, scripts: readonly ScriptText[]): Promise<Recording[]> {
  const passes: (readonly string[])[] = [];
  for (const pass of PASSES) passes.push(await runPass(programs, scripts, pass));
  return scripts.map((script, i) =>
    judge(
      script,
      passes.map((lines) => lines[i] ?? ''),
    ),
  );
}
