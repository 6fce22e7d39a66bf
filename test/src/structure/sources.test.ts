import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { complaintsOf, rowsOf, titlesOf } from './check-sources.js';
import { sourcesOf } from './repository.js';

const root = path.join(import.meta.dirname, '../../..');
const page = readFileSync(path.join(root, 'docs/sources.md'), 'utf8');

/** How many behaviours each source asks for. */
const ASKED = { '000': 9, '002': 11, '003': 7, '001': 12, '004': 10 } as const;

const read = (file: string): string | undefined =>
  existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), 'utf8') : undefined;

test('the table of the sources answers every row, once', (t) => {
  const expected = Object.entries(ASKED).flatMap(([source, count]) =>
    Array.from({ length: count }, (_, index) => `${source}-${index + 1}`),
  );
  t.deepEqual(
    rowsOf(page)
      .map(({ id }) => id)
      .sort(),
    expected.sort(),
  );
});

test('every test that the table names is there', (t) => {
  const cases = sourcesOf((directory) => directory === 'testkit').flatMap(({ text }) =>
    [...text.matchAll(/'([a-z]+\/[a-z0-9-]+)'/g)].map(([, name = '']) => name),
  );
  const complaints = rowsOf(page).flatMap((row) => complaintsOf(row, new Set(cases), read));
  t.deepEqual(complaints, []);
});

test('checker: a test that is not there, a file and a case that are not, and a row without anything are told', (t) => {
  const file = "test('a title, and more', () => {});";
  const rows = rowsOf(
    [
      '| 000-1 | something | a.test.ts: "a title" |',
      '| 000-2 | something | a.test.ts: "another" |',
      '| 000-3 | something | b.test.ts: "a title" |',
      '| 000-4 | something | `driver/a-case`, `driver/no-case` |',
      '| 000-5 | something | nothing |',
      '| 000-6 | something | missing: it cannot be seen |',
    ].join('\n'),
  );
  const known = new Set(['driver/a-case']);
  t.deepEqual(
    rows.flatMap((row) => complaintsOf(row, known, (name) => (name === 'a.test.ts' ? file : undefined))),
    [
      '000-2: no test "another" in a.test.ts',
      '000-3: there is no b.test.ts',
      '000-4: there is no case driver/no-case',
      '000-5: no test, and no reason why',
    ],
  );
  const template = '$' + '{a}: b';
  t.deepEqual(titlesOf(`test(\`${template}\`, x); test.serial("it\\"s", y)`), [template, 'it"s']);
});
