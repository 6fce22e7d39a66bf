import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { hwbpProcess, ROOT } from '../replay/run-cli.js';

const folder = mkdtempSync(path.join(ROOT, 'test/dist/faults-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const IMPORTS = "import { x86 } from '@hwbp/arch-x86'; import { program } from '@hwbp/core';\n";
const kernel = (rest: string): string => `${IMPORTS}export default { kernel: { arch: x86() },\n${rest} };\n`;

/** A config that does something wrong: its exit code, and what is said. */
const FAULTS: readonly (readonly [name: string, text: string, code: number, said: RegExp])[] = [
  ['throws.ts', "\nthrow new Error('boom');", 2, /it cannot be loaded: boom \(.*throws\.ts:2:\d+\)/],
  ['null.ts', 'throw null;', 2, /it cannot be loaded: null/],
  ['exits.ts', '\nprocess.exit(0);', 2, /the config called process\.exit \(.*exits\.ts:2:\d+\)/],
  ['seven.mjs', '\nprocess.exit(7);', 2, /the config called process\.exit \(.*seven\.mjs:2:\d+\)/],
  ['never.ts', 'await new Promise(() => {});\nexport default {};', 2, /the config never got done: it awaits/],
  ['never.mjs', 'await new Promise(() => {});\nexport default {};', 2, /the config never got done: it awaits/],
  [
    'later.mjs',
    "setTimeout(() => {\n throw new Error('async') }, 1);\nawait new Promise((done) => setTimeout(done, 5000));",
    2,
    /it cannot be loaded: async \(.*later\.mjs:2:\d+\)/,
  ],
  ['five.mjs', 'export default 5;', 2, /the default export: .*received number/],
  ['nothing.cjs', 'module.exports = null;', 2, /default export/],
  ['rejects.mjs', "export default Promise.reject(new Error('x'));", 2, /the default export is a promise\nawait it/],
  [
    'getter.mjs',
    "export default { kernel: {\n get arch() { throw new Error('got') } } };",
    2,
    /it cannot be loaded: got \(.*getter\.mjs:2:\d+\)/,
  ],
  ['plugins.ts', kernel('').replace('x86() }', 'x86(), plugins: 4 }'), 2, /kernel\.plugins: a list of plugins/],
  ['setup.ts', kernel("setup() { throw new TypeError('in it'); }"), 1, /setup threw: in it \(.*setup\.ts:3:\d+\)/],
  [
    'setup-exits.ts',
    kernel('setup() { process.exit(0); }'),
    1,
    /setup called process\.exit \(.*setup-exits\.ts:3:\d+\)/,
  ],
  ['setup-never.ts', kernel('setup() { return new Promise(() => {}); }'), 1, /setup never got done/],
  ['report.ts', kernel("report() { throw new Error('in it'); }"), 1, /report threw: in it \(.*report\.ts:3:\d+\)/],
  ['number.ts', kernel('report() { return 5; }'), 1, /report returned no text but number/],
  [
    'program.ts',
    kernel("setup(kernel) { kernel.machine.spawn(program(function* () {\nthrow new Error('ran'); })); }"),
    1,
    /the run failed: ran \(.*program\.ts:4:\d+\)/,
  ],
  [
    'program-exits.ts',
    kernel('setup(kernel) { kernel.machine.spawn(program(function* () {\nprocess.exit(0); })); }'),
    1,
    /the run called process\.exit \(.*program-exits\.ts:4:\d+\)/,
  ],
];

test('what a config does wrong is told as its fault, with the file and the line: no success, no stack, no bug of ours', async (t) => {
  for (const [name, text, expected, said] of FAULTS) {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    const { code, stderr } = await hwbpProcess(['run', file]);
    t.regex(stderr, said, name);
    t.is(code, expected, name);
    t.true(stderr.includes(name), name);
    t.notRegex(stderr, /a bug in hwbp|\n +at |Node\.js v/, name);
    if (expected === 2) {
      const debugged = await hwbpProcess(['debug', file, '--listen', '0']);
      t.is(debugged.code, 2, name);
      t.regex(debugged.stderr, said, name);
    }
  }
});
