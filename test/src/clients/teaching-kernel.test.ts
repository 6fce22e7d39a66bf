import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { debugging, gdb } from '../cli/debugging.js';
import { ROOT, scratch } from '../replay/run-cli.js';
import { GDB, PERF, testWith } from './need.js';
import { linesOf, runPerf } from './real-perf.js';

const SOURCES = path.join(ROOT, 'examples/src/teaching-kernel');
const README = readFileSync(path.join(SOURCES, 'README.md'), 'utf8');
/** The file that the line which starts gdb names. */
const symbolsOf = (output: string): string | undefined => /target remote \S+:\d+' (\S+)/.exec(output)?.[1];
const squeeze = (lines: readonly string[]): string[] => lines.map((line) => line.trim().replaceAll(/ +/g, ' '));

testWith(GDB, 'exercise 4, a real gdb: who had loaded what when the counter went back', async (t, executable) => {
  let text = '';
  await debugging([path.join(SOURCES, 'race.config.ts')], async (port, output) => {
    text = await gdb(executable, port, symbolsOf(output()), `source ${path.join(SOURCES, 'race.gdb')}`);
  });
  const accesses = [...text.matchAll(/^CPU (\d) {2}visits +(\d+) {2}(\w+) \+ (\d+) in section .*$/gm)].map(
    ([line, cpu, visits, routine, offset]) => ({ line, cpu, visits: Number(visits), routine, offset: Number(offset) }),
  );
  t.true(accesses.length > 250, text);
  t.deepEqual([...new Set(accesses.map(({ routine }) => routine))].sort(), ['clock_interrupt', 'sys_visit']);
  const back = accesses.findIndex(({ visits }, i) => visits < (accesses[i - 1]?.visits ?? 0));
  const lost = accesses[back];
  const loaded = accesses.slice(0, back).findLast(({ cpu, routine }) => cpu === lost?.cpu && routine === lost?.routine);
  t.deepEqual([lost?.visits, lost?.offset, loaded?.offset], [(loaded?.visits ?? 0) + 1, 24, 16], 'an old load, stored');
  const quoted = /^CPU \d {2}visits .*$/gm;
  for (const line of README.match(quoted) ?? [])
    t.true(
      accesses.some((access) => access.line === line),
      line,
    );
  t.is(README.match(quoted)?.length, 4);
});

testWith(
  GDB,
  'the teaching kernel, a real gdb: breaks at routines by name, and lists their text',
  async (t, executable) => {
    let text = '';
    await debugging([path.join(SOURCES, 'race.config.ts')], async (port, output) => {
      text = await gdb(
        executable,
        port,
        symbolsOf(output()),
        'hbreak serial_interrupt',
        'continue',
        'list',
        'delete',
        'hbreak sys_visit',
        'continue',
        'info symbol $pc',
      );
    });
    t.regex(text, /Breakpoint 1, serial_interrupt \(\) at kernel\.s:\d+\n/);
    t.regex(text, /reading it acknowledges that something was sent/);
    t.regex(text, /Breakpoint 2, 0x[\da-f]+ in sys_visit \(\)/);
  },
);

testWith(PERF, 'exercise 3, a real perf: who stores to the counter, by task and routine', async (t, perf) => {
  const file = scratch(t);
  const [data, kallsyms] = [file('perf.data', ''), file('kallsyms', '')];
  execFileSync(process.execPath, [path.join(ROOT, 'examples/dist/teaching-kernel/perf.js'), data, kallsyms]);
  const sort = ['--stdio', '--sort', 'comm,sym'];
  const { stdout } = await runPerf(perf, ['report', '-i', data, '--kallsyms', kallsyms, ...sort]);
  const block = /^```\n( +[\d.]+% {2}swapper .*?)^```$/ms.exec(README)?.[1]?.trimEnd().split('\n') ?? [];
  t.is(block.length, 4);
  t.deepEqual(squeeze(linesOf(stdout).filter((line) => /^\d/.test(line))), squeeze(block));
});
