import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PERF_RECORD_COMM, PERF_RECORD_SAMPLE, PerfFile, readPerfData } from '@hwbp/perf';
import test from 'ava';
import { PERF, testWith } from '../clients/need.js';
import { runPerf } from '../clients/real-perf.js';
import { scratch } from '../replay/run-cli.js';

// From test/dist/examples.
const root = path.join(import.meta.dirname, '../../..');

function run(file: string): string {
  return execFileSync(process.execPath, [path.join(root, 'examples/dist/perf-data/main.js'), file], {
    encoding: 'utf8',
  });
}

test('examples/perf-data: counts, samples and writes a file', (t) => {
  const file = scratch(t)('perf.data', '');
  t.is(run(file), '{ value: 3n }\n');
  const records = [...readPerfData(readFileSync(file)).records()].map(({ record }) => record);
  t.deepEqual(
    records.map(({ type }) => type),
    [PERF_RECORD_COMM, ...Array(3).fill(PERF_RECORD_SAMPLE), 68],
  );
});

testWith(
  PERF,
  "@hwbp/perf: the README's example is the file that it says, and perf script prints what it shows",
  async (t, perf) => {
    const file = scratch(t)('perf.data', '');
    run(file);
    const readme = readFileSync(path.join(root, 'consumers/perf/README.md'), 'utf8');
    const [, example] = /```ts\n(.*?)```\n/s.exec(readme) ?? [];
    t.is(example, readFileSync(path.join(root, 'examples/src/perf-data/main.ts'), 'utf8'));
    const [, shown] = /```\n\$ perf script -i perf\.data\n(.*?)```\n/s.exec(readme) ?? [];
    const { stdout } = await runPerf(perf, ['script', '-i', file]);
    const plain = (text = ''): string => text.replaceAll(/ +$/gm, '');
    t.is(plain(stdout), plain(shown));
  },
);

test("@hwbp/perf: the README's table names every method of a file", (t) => {
  const readme = readFileSync(path.join(root, 'consumers/perf/README.md'), 'utf8');
  const own = new Set(['constructor', 'attr', 'breakpoint', 'ring', 'record', 'output', 'detach']);
  const methods = Object.getOwnPropertyNames(PerfFile.prototype).filter((name) => !own.has(name));
  t.true(methods.length > 10);
  for (const name of methods) t.true(readme.includes(`\`${name}\``) || readme.includes(`\`${name}(`), name);
});
