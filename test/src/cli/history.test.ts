import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parseXml } from '../history/parse-xml.js';
import { traceEventFile } from '../history/trace-event-format.js';
import { ELF, hwbp, hwbpProcess, ROOT, TRACE } from '../replay/run-cli.js';

const CONFIG = path.join(ROOT, 'examples/src/four-cpus/kernel.config.ts');
const WATCHES = ['--watch', 'vault_total:w', '--watch', 'turnover:w'];

function folder(t: ExecutionContext): (name: string) => string {
  const directory = mkdtempSync(path.join(tmpdir(), 'hwbp-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return (name) => path.join(directory, name);
}

const all = (at: (name: string) => string): string[] => [
  ...['--html', at('report.html')],
  ...['--svg', at('timeline.svg')],
  ...['--trace-json', at('trace.json')],
];

/** What the three files have; each is checked to be of its format. */
function files(t: ExecutionContext, at: (name: string) => string) {
  t.deepEqual(readdirSync(at('.')).sort(), ['report.html', 'timeline.svg', 'trace.json']);
  const json = traceEventFile.parse(JSON.parse(readFileSync(at('trace.json'), 'utf8')));
  const svg = parseXml(readFileSync(at('timeline.svg'), 'utf8'));
  t.is(svg.elements[0]?.name, 'svg');
  return { json, svg, html: readFileSync(at('report.html'), 'utf8') };
}

test('hwbp replay: three files of who watched the variables of a real program, and what was printed besides', async (t) => {
  const at = folder(t);
  const { code, stdout, stderr } = await hwbp(['replay', TRACE, '--elf', ELF, ...WATCHES, ...all(at)]);
  t.is(code, 0, stderr);
  const { json, svg, html } = files(t, at);
  // The same numbers as the command prints, and a separate script has found.
  const hits = json.traceEvents.filter(({ ph, name }) => ph === 'i' && name === 'hit');
  t.is(hits.length, 3513 + 3510);
  t.true(
    html.includes(
      '<tr><td>ksym_tracer</td><td>w 0x404390+4 vault_total</td><td class="n">1</td><td class="n">1,339,322</td><td class="n">3,513</td></tr>',
    ),
  );
  t.regex(svg.text, /ksym_tracer: w 0x404390\+4 vault_total, from 0 on/);
  const table = stdout.slice(stdout.indexOf('vault_total:w  3,513 hits'), stdout.indexOf('Look here first'));
  t.true(table.length > 100);
  t.true(html.includes(table.replaceAll('<', '&lt;').replaceAll('>', '&gt;')), 'the tables are as they are printed');
});

test('hwbp replay --json: the report has the tables all the same', async (t) => {
  const at = folder(t);
  const { code, stdout } = await hwbp(['replay', TRACE, '--elf', ELF, ...WATCHES, '--json', '--html', at('out')]);
  t.is(code, 0);
  t.true(stdout.startsWith('{'));
  t.regex(readFileSync(at('out'), 'utf8'), /charge_fee\+0x23 {2}w {9}3 {3}0\.1 % .* &lt;-- rare/);
});

test('hwbp stat --policy flexible: the turns that six events take on four registers', async (t) => {
  const at = folder(t);
  const symbols = ['vault_total:w', 'turnover:w', 'deposit:x', 'withdraw:x', 'charge_fee:x', 'fees_by_month/8:w'];
  const events = symbols.map((symbol) => `mem:${symbol}`).join(',');
  const args = ['stat', '--policy', 'flexible', '-e', events, '--elf', ELF, ...all(at), '--', TRACE];
  const { code, stdout } = await hwbp(args);
  t.is(code, 0);
  const { json, svg, html } = files(t, at);
  const stays = json.traceEvents.filter((event) => event.ph === 'X' && event.cat === 'register');
  t.is(new Set(stays.map(({ tid }) => tid)).size, 4);
  const names = [...new Set(stays.map(({ name }) => name))];
  t.is(names.length, 6);
  // Each has a colour of its own, as there is one owner.
  for (const name of names) t.true(svg.text.includes(`${name.replace(/ 0x[0-9a-f]+\+\d+ /, ' ')}\n`), name);
  // How long an event was on is what perf says of it: the share of the time in which it counted.
  const share = /mem:vault_total:w +\( *([\d.]+)%\)/.exec(stdout)?.[1] ?? '?';
  const held = stays.reduce((sum, event) => {
    return event.ph === 'X' && event.name.endsWith('vault_total') ? sum + event.dur : sum;
  }, 0);
  t.is(((held / 1_339_322) * 100).toFixed(2), share);
  t.true(html.includes(stdout.split('\n').find((line) => line.includes('vault_total')) ?? '?'));
});

test('hwbp run: the files of a kernel from a config; its console and its end are in the report', async (t) => {
  const at = folder(t);
  const { code, stdout } = await hwbp(['run', CONFIG, '--budget', '2000', ...all(at)]);
  t.is(code, 0);
  const { json, html } = files(t, at);
  const names = json.traceEvents.filter(({ name }) => name === 'process_name').map(({ args }) => Object.values(args));
  t.deepEqual(names, [['CPU 0'], ['CPU 1'], ['CPU 2'], ['CPU 3']]);
  t.true(html.includes(stdout.trim().split('\n').at(-1) ?? '?'));
  t.true(html.includes('requests served: 200'));
});

test('a config that keeps a history of its own keeps that one', async (t) => {
  const at = folder(t);
  writeFileSync(
    at('kernel.config.mjs'),
    `import { x86 } from '${path.join(ROOT, 'arch-x86/dist/index.js')}';
import { program } from '${path.join(ROOT, 'core/dist/index.js')}';
import { history } from '${path.join(ROOT, 'history/dist/index.js')}';
export default {
  kernel: { arch: x86(), plugins: [history({ capacity: 2 })] },
  setup: ({ machine }) => { for (const comm of ['a', 'b', 'c']) machine.spawn(program([{ pc: 1n, length: 1 }]), { comm }); },
};`,
  );
  const { code, stderr } = await hwbpProcess(['run', at('kernel.config.mjs'), '--html', at('out')]);
  t.is(code, 0, stderr);
  t.regex(readFileSync(at('out'), 'utf8'), /Older records were dropped: 0 stays, 2 events/);
});

test('a report has no word from outside that is more than text, and a policy that forbids every request', async (t) => {
  const at = folder(t);
  const { code } = await hwbp(['replay', TRACE, '--elf', ELF, ...WATCHES, '--html', at('out')]);
  t.is(code, 0);
  const html = readFileSync(at('out'), 'utf8');
  const [, policy = ''] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(html) ?? [];
  t.regex(policy, /^default-src &#39;none&#39;; script-src &#39;sha256-[^ ]+&#39;; style-src &#39;sha256-[^ ]+&#39;;/);
  t.notRegex(html, /\b(?:src|href)=/, 'nothing is loaded');
  t.notRegex(html, / style=|<[^>]* on\w+=/);
});

test('bad names are refused before anything runs, and leave nothing', async (t) => {
  const at = folder(t);
  writeFileSync(at('trace'), 'I  400000,3\n S 404390,4\n');
  const replay = (...args: string[]) => hwbp(['replay', at('trace'), '--watch', '0x404390/4:w', ...args]);
  for (const [args, said] of [
    [['--html', '-'], /--html writes no standard output/],
    [['--html', at('out'), '--svg', at('out')], /out is named twice/],
    [['--svg', at('trace')], /cannot be written/],
    [['--trace-json', path.join(at('no'), 'where')], /ENOENT/],
    [['--html', at('good'), '--svg', path.join(at('no'), 'where')], /ENOENT/],
    [['--html', ''], /--html takes the name of a file/],
  ] as const) {
    const { code, stderr, stdout } = await replay(...args);
    t.is(code, 2, args.join(' '));
    t.regex(stderr, said);
    t.is(stdout, '');
  }
  t.deepEqual(readdirSync(at('.')), ['trace']);
  t.is(readFileSync(at('trace'), 'utf8'), 'I  400000,3\n S 404390,4\n');
});

test('a run that fails writes no report, and an older one stays', async (t) => {
  const at = folder(t);
  writeFileSync(at('out'), 'older');
  writeFileSync(
    at('kernel.config.mjs'),
    `import { x86 } from '${path.join(ROOT, 'arch-x86/dist/index.js')}';
import { program } from '${path.join(ROOT, 'core/dist/index.js')}';
export default {
  kernel: { arch: x86() },
  setup: ({ machine }) => machine.spawn(program(function* () { throw new Error('bad'); })),
};`,
  );
  const { code } = await hwbpProcess(['run', at('kernel.config.mjs'), '--html', at('out')]);
  t.is(code, 1);
  t.is(readFileSync(at('out'), 'utf8'), 'older');
  t.deepEqual(readdirSync(at('.')).sort(), ['kernel.config.mjs', 'out']);
});
