import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Step, Value } from '@hwbp/conform';

// From test/dist/recorder.
const root = path.join(import.meta.dirname, '../../..');
const X86 = path.join(root, 'test/fixtures/oracle/x86');

/** Every transcript of x86 that the tests have. */
export const TRANSCRIPTS: readonly string[] = readdirSync(X86)
  .filter((name) => /\.jsonl(\.gz)?$/.test(name))
  .map((name) => path.join(X86, name));

/** A line of the recorder's language, taken apart as the recorder does. */
export interface Line {
  readonly op: string;
  readonly words: ReadonlyMap<string, string>;
}

/** Takes a script apart. Throws for a line that the recorder would not take. */
export function takeApart(text: string): readonly Line[] {
  const lines = text.split('\n');
  if (lines.at(-1) !== '' || lines.at(-2) !== 'end') throw new Error('a script ends with a line `end`');
  return lines.slice(0, -2).map((line) => {
    const [op = '', ...words] = line.split(' ');
    if (words.length > 40) throw new Error(`too many arguments: ${line}`);
    const pairs = words.map((word) => {
      const [name = '', value, ...more] = word.split('=');
      if (value === undefined || more.length > 0) throw new Error(`no name=value: ${word} in ${line}`);
      return [name, value] as const;
    });
    if (new Set(pairs.map(([name]) => name)).size !== pairs.length) throw new Error(`twice the same name: ${line}`);
    return { op, words: new Map(pairs) };
  });
}

/** What a word means: whole numbers are numbers, everything else stays text. */
function meant(word: string): Value {
  return /^-?\d+$/.test(word) ? Number(word) : word;
}

/** Words that set a field of the attr, and the field. */
const ATTR: Readonly<Record<string, string>> = {
  attrtype: 'type',
  type: 'bp_type',
  addr: 'bp_addr',
  len: 'bp_len',
  period: 'sample_period',
  st: 'sample_type',
  rf: 'read_format',
  sig_data: 'sig_data',
  wakeup: 'wakeup_events',
  precise_ip: 'precise_ip',
  on: 'flags',
};
const LISTS = new Set(['st', 'rf', 'on']);

/** The arguments that a line says, as a transcript's step has them. */
export function understood({ op, words }: Line): Step {
  const step: Record<string, Value> = {};
  const hasAttr = op === 'open' || (op === 'modify' && words.get('fresh') === '1');
  const attr: Record<string, Value> = { flags: [] };
  for (const [name, word] of words) {
    const field = hasAttr ? ATTR[name] : undefined;
    if (field !== undefined) attr[field] = LISTS.has(name) ? word.split(',') : meant(word);
    else if (op === 'ioctl' && name === 'arg' && ['enable', 'disable', 'reset'].includes(words.get('cmd') ?? ''))
      step.flag = 'group';
    else if (name !== 'fresh') step[name] = meant(word);
  }
  return { op, ...step, ...(hasAttr ? { attr } : {}) };
}
