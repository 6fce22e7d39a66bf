import type { Value } from '@hwbp/conform';
import type { Plan, PlannedStep } from './plan.js';

/** A script in the recorder's language: one op a line, `name=value` arguments, `end` behind the last. */
export interface ScriptText {
  readonly id: string;
  readonly text: string;
}

/** What cannot be said in the recorder's language. */
export class ScriptTextError extends Error {
  override readonly name = 'ScriptTextError';
}

/** Fields of `perf_event_attr` and their names on a script line. */
const ATTR_NAMES: Readonly<Record<string, string>> = {
  type: 'attrtype',
  bp_type: 'type',
  bp_addr: 'addr',
  bp_len: 'len',
  sample_period: 'period',
  sample_type: 'st',
  read_format: 'rf',
  sig_data: 'sig_data',
  wakeup_events: 'wakeup',
  precise_ip: 'precise_ip',
  flags: 'on',
  /** Of a change: flags to clear. */
  unset: 'off',
};

/** A value without white space, which is all that a line can hold. */
function word(name: string, value: Value): string {
  if (Array.isArray(value)) return value.map((one) => word(name, one as Value)).join(',');
  if (typeof value === 'string' && /^[^\s=]*$/.test(value)) return value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  throw new ScriptTextError(`${name} cannot be written on a script's line: ${JSON.stringify(value)}`);
}

function isFields(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function* attrWords(attr: Value): Generator<string> {
  if (!isFields(attr)) throw new ScriptTextError(`an attr is an object, got ${JSON.stringify(attr)}`);
  for (const [field, value] of Object.entries(attr)) {
    const name = Object.hasOwn(ATTR_NAMES, field) ? ATTR_NAMES[field] : undefined;
    if (name === undefined) throw new ScriptTextError(`the recorder cannot set ${field} of an attr`);
    if (!(Array.isArray(value) && value.length === 0)) yield `${name}=${word(field, value)}`;
  }
}

function stepLine(step: PlannedStep): string {
  const words = [step.op];
  for (const [name, value] of Object.entries(step)) {
    if (name === 'op') continue;
    if (name === 'attr') {
      // Of a modify, the whole attr: nothing of what the event had.
      if (step.op === 'modify') words.push('fresh=1');
      words.push(...attrWords(value));
    } else if (name === 'change') {
      words.push(...attrWords(value));
    } else if (name === 'flag') {
      words.push('arg=1');
    } else {
      words.push(`${name}=${word(name, value)}`);
    }
  }
  return words.join(' ');
}

/** A script in the recorder's language. Throws a ScriptTextError for what cannot be said there. */
export function formatPlan({ suite, id, setup, steps }: Plan): ScriptText {
  const header = [`script id=${word('id', id)}`, `suite=${word('suite', suite)}`];
  for (const [name, value] of Object.entries(setup)) {
    const text = name === 'title' && typeof value === 'string' ? value.replaceAll(/\s/g, '_') : value;
    header.push(`${name}=${word(name, text)}`);
  }
  return { id, text: [header.join(' '), ...steps.map(stepLine), 'end', ''].join('\n') };
}

/** The scripts of a file in the recorder's language. Throws a ScriptTextError for one without header or `end`. */
export function splitScripts(text: string): ScriptText[] {
  const scripts: ScriptText[] = [];
  let lines: string[] = [];
  for (const [number, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    lines.push(line);
    if (line.trim() !== 'end') continue;
    const id = /^script .*\bid=(\S+)/.exec(lines[0] ?? '')?.[1];
    if (id === undefined)
      throw new ScriptTextError(`line ${number + 1} ends a script that does not begin with 'script id=...'`);
    scripts.push({ id, text: `${lines.join('\n')}\n` });
    lines = [];
  }
  if (lines.length > 0) throw new ScriptTextError("the last script has no 'end'");
  return scripts;
}
