import { compareScripts, type Difference, parseLine } from '@hwbp/cli';
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

/** The first field in which two lines of one script differ; `undefined` if one of them is no script. */
export function differenceOf(one: string, other: string): Difference | undefined {
  const [first, second] = [parseLine(one, 1), parseLine(other, 1)];
  if (first.arch !== 'x86' || second.arch !== 'x86') return undefined;
  return compareScripts(first.script, second.script) ?? compareScripts(second.script, first.script);
}

function judge(script: ScriptText, lines: readonly string[]): Recording {
  const { id } = script;
  const [first = ''] = lines;
  const other = lines.findIndex((line) => line !== first);
  if (other >= 0) {
    const pass = PASSES[other]?.name ?? '?';
    return { id, script, result: 'unstable', pass, difference: differenceOf(first, lines[other] ?? '') };
  }
  const parsed = parseLine(first, 1);
  if (parsed.arch === 'none') return { id, script, result: 'failed', reason: parsed.error };
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
