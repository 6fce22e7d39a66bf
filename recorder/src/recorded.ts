import { type Line, parseLine, type Script } from '@hwbp/conform';

/** The script of a transcript's line; `undefined` for one that failed, or of another architecture. */
export function x86ScriptOf(line: Line): Script | undefined {
  return 'script' in line && line.script.format === 'x86' ? line.script : undefined;
}

/** What the recorder wrote: a script, or why it has none. */
export function recorded(line: string): { readonly script: Script | undefined; readonly error: string } {
  const parsed = parseLine(line, { source: 'the recorder', line: 1 });
  const error = 'error' in parsed ? parsed.error : 'malformed' in parsed ? parsed.malformed.message : '';
  return { script: x86ScriptOf(parsed), error };
}
