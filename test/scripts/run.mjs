// Runs ava and ends with `N passed, N failed, N skipped`, counted from ava's TAP stream and not from text for people.
// Arguments go to ava: a test file (from the root or from test/), --match='*title*', --serial, ...
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Parser } from 'tap-parser';

const testDirectory = path.join(import.meta.dirname, '..');
const ava = fileURLToPath(new URL('cli.mjs', import.meta.resolve('ava')));
const args = process.argv.slice(2).map((arg) => arg.replace(/^(\.\/)?test\/(?=src\/)/, ''));

const counts = { passed: 0, failed: 0, skipped: 0 };
const skipped = [];
const failed = [];

const say = (line = '') => process.stdout.write(`${line}\n`);

const indent = (text, by = 6) => text.trimEnd().replaceAll(/^/gm, ' '.repeat(by));

/** What ava knows about a failure: the message, the values or their difference, where. */
function explain(diag) {
  const { name, message, assertion, details = {}, at, ...rest } = diag ?? {};
  const what = [assertion ?? name, message].filter(Boolean).join(': ');
  if (what) say(indent(what));
  for (const [label, text] of Object.entries({ ...details, ...rest })) {
    say(indent(label.replace(/:*$/, ':')));
    say(indent(typeof text === 'string' ? text : JSON.stringify(text), 8));
  }
  if (at) say(indent(`at ${at}`));
}

const parser = new Parser();
parser.on('assert', ({ ok, name, skip, todo, diag }) => {
  if (skip || todo) {
    counts.skipped += 1;
    skipped.push(todo ? `${name} (todo)` : name);
    say(`  - ${name}`);
  } else if (ok) {
    counts.passed += 1;
    say(`  ✔ ${name}`);
  } else {
    counts.failed += 1;
    failed.push(name);
    say(`  ✘ ${name}`);
    explain(diag);
  }
});
// What a test logs; the counts that end the stream are said below.
parser.on('comment', (comment) => {
  if (!/^# (tests|pass|skip|fail|todo|test count)[ (]\d+/.test(comment)) say(`    ${comment.trimEnd()}`);
});
parser.on('bailout', (reason) => say(`  ✘ ${reason}`));
parser.on('extra', (text) => process.stderr.write(text));

const child = spawn(process.execPath, [ava, '--tap', ...args], {
  cwd: testDirectory,
  stdio: ['ignore', 'pipe', 'inherit'],
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));

const parsed = new Promise((resolve) => parser.on('complete', resolve));
child.stdout.pipe(parser);
const code = await new Promise((resolve) => child.on('close', (status) => resolve(status ?? 1)));
await parsed;

if (code !== 0 && counts.failed === 0) {
  counts.failed = 1;
  failed.push(`ava ended with exit code ${code} without naming a failed test: nothing matched, or see above`);
}

for (const [heading, titles] of [
  ['Skipped', skipped],
  ['Failed', failed],
]) {
  if (titles.length > 0) say(`\n${heading}:`);
  for (const title of titles) say(`  ${title}`);
}
say();
say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = code === 0 && counts.failed > 0 ? 1 : code;
