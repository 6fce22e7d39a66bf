import path from 'node:path';
import type { Script } from '@hwbp/conform';
import { readTranscript } from '@hwbp/conform/files';
import { argumentsOf, formatPlan, planOf, ScriptTextError, splitScripts, x86ScriptOf } from '@hwbp/recorder';
import test from 'ava';
import { TRANSCRIPTS, takeApart, understood } from './support.js';

async function scriptsOf(file: string): Promise<Script[]> {
  const scripts: Script[] = [];
  for await (const line of readTranscript(file)) {
    const script = x86ScriptOf(line);
    if (script !== undefined) scripts.push(script);
  }
  return scripts;
}

/** Results, by the names that FORMAT gives them: none of them may be left in what is asked. */
const RESULTS = ['ret', 'errno', 'stops', 'end', 'after', 'value', 'values', 'enabled', 'running', 'times'];

for (const file of TRANSCRIPTS) {
  test(`${path.basename(file)}: every script, turned into the recorder's language, asks for what was asked then`, async (t) => {
    const scripts = await scriptsOf(file);
    t.not(scripts.length, 0);
    for (const script of scripts) {
      const plan = planOf(script);
      const { id, text } = formatPlan(plan);
      const [header, ...lines] = takeApart(text);
      t.is(id, script.id);
      t.is(lines.length, script.steps.length);
      t.deepEqual(lines.map(understood), plan.steps, id);
      t.is(header?.words.get('suite'), script.suite);
      t.is(header?.words.get('after'), script.setup.after as string);
      for (const [number, step] of plan.steps.entries()) {
        const { op, ...asked } = step;
        const left = Object.keys(script.steps[number] ?? {}).filter((name) => name !== 'op' && !(name in asked));
        const results =
          op === 'peek' ? [...RESULTS, 'val'] : op === 'attach' ? [...RESULTS, 'sig'] : [...RESULTS, 'ev'];
        t.deepEqual(
          left.filter((name) => !results.includes(name)),
          [],
          `${id}: only results are left out`,
        );
        t.false('ret' in asked || 'after' in asked);
      }
    }
  });
}

test('a script turned into text and split again is the same text', async (t) => {
  const scripts = await scriptsOf(TRANSCRIPTS[0] ?? '');
  const texts = scripts.slice(0, 20).map((script) => formatPlan(planOf(script)));
  t.deepEqual(splitScripts(`# a comment\n\n${texts.map(({ text }) => text).join('\n')}`), texts);
});

test('a modify of a transcript sets the whole attr, one of a generator a part of it', (t) => {
  const attr = { bp_type: 2, bp_addr: '0x10000000', bp_len: '0x8', flags: ['disabled', 'inherit'] };
  const text = (step: object): string =>
    formatPlan({ suite: 'C', id: 'X', setup: {}, steps: [{ op: 'modify', ev: 'e0', ...step }] }).text.split('\n')[1] ??
    '';
  t.is(text({ attr }), 'modify ev=e0 fresh=1 type=2 addr=0x10000000 len=0x8 on=disabled,inherit');
  t.is(text({ change: { bp_addr: '0x10000008', unset: ['disabled'] } }), 'modify ev=e0 addr=0x10000008 off=disabled');
});

test('what a line cannot say is refused, and not written wrongly', (t) => {
  const format = (step: object) => () =>
    formatPlan({ suite: 'C', id: 'X', setup: {}, steps: [{ op: 'open', ...step }] });
  for (const step of [
    { target: 'two words' },
    { target: 'a=b' },
    { target: null },
    { target: 'line\nbreak' },
    { attr: { bp_type: 2, config: 1 } },
    { attr: { __proto__: null, constructor: 1 } },
    { attr: 7 },
  ]) {
    t.throws(format(step), { instanceOf: ScriptTextError }, JSON.stringify(step));
  }
});

test('a text that ends in the middle of a script, or a script without a header, is refused', (t) => {
  t.throws(() => splitScripts('script id=A\nspawn task=t0\n'), { instanceOf: ScriptTextError, message: /no 'end'/ });
  t.throws(() => splitScripts('spawn task=t0\nend\n'), { instanceOf: ScriptTextError, message: /line 2/ });
  t.deepEqual(splitScripts(''), []);
});

test('an op that the recorder does not have is named', (t) => {
  t.throws(() => argumentsOf({ op: 'kvm_run' }), { message: /kvm_run/ });
  t.throws(() => argumentsOf({ op: 'constructor' }), { message: /constructor/ });
});
