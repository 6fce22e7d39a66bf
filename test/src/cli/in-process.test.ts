import path from 'node:path';
import test from 'ava';
import { NOT_PLAYED, P, readScripts, Scratch } from '../conformance/support.js';
import { ELF, hwbp, hwbpProcess, ROOT, TRACE } from '../replay/run-cli.js';

const CONFIG = path.join(ROOT, 'examples/src/four-cpus/kernel.config.ts');

test('what a command answers here is what it answers in a process of its own: text, JSON, refusals, exit code', async (t) => {
  using scratch = new Scratch();
  const [first] = readScripts(P);
  const differs = { ...first, id: 'differs', steps: first?.steps.map((step) => ({ ...step, ret: -77 })) };
  const file = scratch.write('some.jsonl', [first, NOT_PLAYED, differs, 'nonsense']);
  const codes: (number | null)[] = [];
  for (const [args, input] of [
    [['conform', '--verbose', file]],
    [['conform', '--json', scratch.write('good.jsonl', [first])]],
    [['replay', TRACE, '--elf', ELF, '--watch', 'vault_total:w']],
    [['replay', '-', '--watch', '0x1000/4:w', '--json'], 'I  00000400,4\n S 00001000,4\n'],
    [['replay', scratch.path('nothing'), '--watch', '0x1000:w']],
    [['stat', '-e', 'cs', '--json', TRACE]],
    [['record', '-e', 'nonsense', TRACE]],
    [['help', 'replay']],
    [['run', CONFIG, '--budget', '1000']],
    [['run', CONFIG, '--xmon'], 'bdw requests_served\nx\nb\n'],
    [['--version']],
    [['juggle']],
  ] as const) {
    const bytes = input === undefined ? undefined : Buffer.from(input);
    const [here, there] = [await hwbp(args, bytes), await hwbpProcess(args, bytes)].map((result) => ({
      ...result,
      // How long it took.
      stdout: result.stdout.replace(/ lines in .* a second$/m, ''),
    }));
    t.deepEqual(here, there, path.basename(args.join(' ')));
    codes.push(here?.code ?? null);
  }
  t.deepEqual(codes, [1, 0, 0, 0, 2, 0, 2, 0, 0, 0, 0, 2]);
});

test('commands that are asked for at once come one after the other, each with its own streams', async (t) => {
  const line = (store: string): Buffer => Buffer.from(`I  00000400,4\n S ${store},4\n`);
  const args = ['replay', '-', '--watch', '0x1000/4:w', '--json'];
  const [hit, refused, miss] = await Promise.all([
    hwbp(args, line('00001000')),
    hwbp(['replay', '--juggle']),
    hwbp(args, line('00002000')),
  ]);
  t.deepEqual([hit.code, refused.code, miss.code], [0, 2, 0]);
  t.deepEqual(
    [hit, miss].map(({ stdout }) => stdout.split('\n').filter((text) => text.includes('"kind":"hit"')).length),
    [1, 0],
  );
  t.regex(refused.stderr, /unknown option '--juggle'/);
  t.is(process.exitCode, undefined);
});
