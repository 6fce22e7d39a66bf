import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ppc64 } from '@hwbp/arch-ppc64';
import { heron } from '@hwbp/examples/toy-arch';
import { backendContract, collectCases } from '@hwbp/testkit';
import test from 'ava';

backendContract({ test, name: 'heron', createBackend: heron });

test('examples/toy-arch: a kernel on the Heron', (t) => {
  // From test/dist/examples.
  const main = path.join(import.meta.dirname, '../../../examples/dist/toy-arch/main.js');
  t.deepEqual(execFileSync(process.execPath, [main], { encoding: 'utf8' }).trimEnd().split('\n'), [
    'stored by 0x4004: total is 1',
    'about to execute 0x4008: total is 1',
    'stored by 0x4008: total is 2',
    'stored by 0x400c: total is 3',
  ]);
});

test('docs/writing-a-backend.md: every case that it names is one of the suite', (t) => {
  const page = readFileSync(path.join(import.meta.dirname, '../../../docs/writing-a-backend.md'), 'utf8');
  const ids = new Set(
    [heron, () => ppc64(), () => ppc64({ cpu: 'power9' })].flatMap((createBackend) =>
      collectCases((declare) => backendContract({ test: declare, name: 'page', createBackend })).results.map(
        ({ id }) => id,
      ),
    ),
  );
  const named = [...page.matchAll(/`((?:silicon|driver|together)\/[a-z0-9-]+)`/g)].map(([, id = '']) => id);
  t.true(named.length > 15);
  t.deepEqual(
    named.filter((id) => !ids.has(id)),
    [],
  );
});
