import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { parseXml } from '../history/parse-xml.js';

// From test/dist/examples.
const root = path.join(import.meta.dirname, '../../..');
const example = path.join(root, 'examples/dist/history/main.js');

/** By hand, from the stores and priorities: 24 stores to five words in turn, whose first four are watched first. */
const EXPECTED = `
CPU 0 DR0  AaaaaAaaeEeeeeEe........eeeEAaaa.......
CPU 0 DR1  bBbbbbBbbbbBbbbb........BbbbbBbb.......
CPU 0 DR2  ccCccccCccccCccc........cCccccCc.......
CPU 0 DR3  dddDddddDddddDdd........ddDddddD.......
a  alice
b  bob
c  carol
d  dave
e  eve
8: alice loses w 0x601000+8 to eve w 0x601020+8
28: alice is granted w 0x601000+8
`.trimStart();

test("the history example shows who had which register, as the package's README prints it", (t) => {
  t.is(execFileSync(process.execPath, [example], { encoding: 'utf8' }), EXPECTED);
  t.true(readFileSync(path.join(root, 'history/README.md'), 'utf8').includes(EXPECTED));
});

test('the history example draws the same as a picture', (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'hwbp-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const file = path.join(directory, 'five.svg');
  execFileSync(process.execPath, [example, file]);
  const { text } = parseXml(readFileSync(file, 'utf8'));
  t.regex(text, /alice: w 0x601000\+8 for first-1, 0 to 8, displaced by eve w 0x601020\+8/);
});
