import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { beginningOf, ELF, hwbp, hwbpProcess, parseJson, ROOT, scratch, TRACE } from '../replay/run-cli.js';
import { HERON, IMPORT_HERON, UserModules } from './user-modules.js';

const modules = new UserModules();
test.after.always(() => modules[Symbol.dispose]());

const X86_TRANSCRIPT = path.join(ROOT, 'test/fixtures/oracle/x86/P.jsonl.gz');
const POWER10_TRANSCRIPT = path.join(ROOT, 'test/fixtures/oracle/ppc64/PP.power10.6.12.jsonl.gz');
const REPLAY = ['replay', TRACE, '--elf', ELF, '--watch', 'vault_total:w', '--json'];
const hitsOf = (stdout: string): readonly number[] => parseJson(stdout).hits.map(({ step }) => step);

test('replay: every name that is known, a path and a path of TypeScript find the same hits', async (t) => {
  const x86 = await hwbp(REPLAY);
  t.is(hitsOf(x86.stdout).length, 3513);
  const built = path.join(ROOT, 'examples/dist/toy-arch/heron.js');
  for (const arch of [
    'x86',
    'ppc64',
    'arm64',
    'riscv64',
    built,
    HERON,
    path.relative('', HERON),
    path.join(ROOT, 'arch-x86'),
  ]) {
    const { code, stdout, stderr } = await hwbp([...REPLAY, '--arch', arch]);
    t.is(code, 0, `${arch}: ${stderr}`);
    t.deepEqual(hitsOf(stdout), hitsOf(x86.stdout), arch);
  }
});

test('replay: what only the architecture of the user can watch is watched', async (t) => {
  // 3 bytes at an odd address.
  const odd = ['replay', TRACE, '--elf', ELF, '--watch', 'vault_total+1/3:rw', '--json'];
  t.is((await hwbp(odd)).code, 2);
  const heron = await hwbp([...odd, '--arch', HERON]);
  t.is(heron.code, 0);
  t.true(parseJson(heron.stdout).summary.hits >= 3513);
  t.deepEqual(
    parseJson(heron.stdout).summary.registers.map(({ register }) => register),
    ['register 0', 'register 1', 'register 2'],
  );
});

test('stat and record: a path counts and samples what x86 does', async (t) => {
  const events = ['-e', 'mem:vault_total:w', '--elf', ELF, '--arch', HERON];
  const stat = await hwbp(['stat', ...events, '--', TRACE]);
  t.regex(stat.stdout, /3,513 +mem:vault_total:w/);
  const file = scratch(t)('perf.data', '');
  const record = await hwbp(['record', ...events, '-o', file, '--', TRACE]);
  t.is(record.code, 0, record.stderr);
  t.regex(record.stdout, /3,513 samples/);
  t.true(readFileSync(file).includes('simulated heron'));
});

test('debug: a path and the name riscv64 wait for gdb; what has no target description is refused, with the way out', async (t) => {
  for (const arch of ['riscv64', path.join(ROOT, 'arch-riscv64')]) {
    const banner = await beginningOf(['debug', TRACE, '--elf', ELF, '--arch', arch, '--listen', '0'], /attach/);
    t.regex(banner, /kernel +riscv64, 1 CPU of 4 debug registers/, arch);
  }
  for (const arch of ['none', HERON]) {
    const { code, stderr } = await hwbp(['debug', TRACE, '--arch', arch, '--listen', '0']);
    t.is(code, 2);
    t.regex(stderr, /needs the facet 'debugger's target description'.* offer it with TARGET_DESCRIPTION/);
    t.notRegex(stderr, /a bug in hwbp/);
  }
});

test('conform: an architecture of that name answers what was recorded, made with the options of each script', async (t) => {
  const own = modules.write('again.ts', "export { ppc64 as default } from '@hwbp/arch-ppc64';\n");
  const power10 = await hwbp(['conform', '--arch', own, POWER10_TRANSCRIPT]);
  t.is(power10.code, 0, power10.stderr);
  t.regex(power10.stdout, /matched 120 of 120 scripts\n$/);
  // One that reports every hit as nobody's.
  const broken = modules.write(
    'broken-x86.ts',
    `import { x86 } from '@hwbp/arch-x86';
     import { architecture, offer } from '@hwbp/core';
     export default (options) => {
       const { backend, facets, quirks } = x86(options);
       const connect = (host) => Object.assign(backend.connect(host), { hits: () => undefined });
       return architecture({ ...backend, connect }, { facets, quirks, options });
     };`,
  );
  const differs = await hwbp(['conform', '--arch', broken, X86_TRANSCRIPT]);
  t.is(differs.code, 1, differs.stderr);
  t.regex(differs.stdout, /matched \d+ of 278 scripts, \d+ differ\n$/);
  const other = await hwbp(['conform', '--arch', HERON, X86_TRANSCRIPT]);
  t.regex(other.stdout, /matched 0 of 278 scripts, 278 not played: recorded on x86, not on heron\n$/);
});

test('a package is found from the current directory, whatever its exports say, and by its folder', async (t) => {
  modules.write(
    'node_modules/@acme/heron/package.json',
    JSON.stringify({ name: '@acme/heron', type: 'module', exports: { '.': { import: './lib/index.js' } } }),
  );
  modules.write('node_modules/@acme/heron/lib/index.js', `${IMPORT_HERON}export const arch = heron();`);
  modules.write('node_modules/old-heron/package.json', JSON.stringify({ name: 'old-heron', main: 'main.cjs' }));
  modules.write(
    'node_modules/old-heron/main.cjs',
    "exports.LENGTH = 4;\nexports.heron = () => require('@hwbp/examples/toy-arch').heron();",
  );
  modules.write('own/package.json', JSON.stringify({ name: 'own', type: 'module', exports: './src/own.ts' }));
  modules.write('own/src/own.ts', `${IMPORT_HERON}const own: () => unknown = heron;\nexport default own;`);
  for (const arch of ['@acme/heron', 'old-heron', './own']) {
    const { code, stdout, stderr } = await hwbpProcess([...REPLAY, '--arch', arch], undefined, modules.folder);
    t.is(code, 0, `${arch}: ${stderr}`);
    t.is(hitsOf(stdout).length, 3513, arch);
  }
  const elsewhere = await hwbpProcess([...REPLAY, '--arch', '@acme/heron'], undefined, ROOT);
  t.is(elsewhere.code, 2);
  t.regex(elsewhere.stderr, /no package of that name can be found from /);
});

/** Modules that export no architecture, and what is said of each. */
const BROKEN: readonly (readonly [name: string, text: string, said: RegExp])[] = [
  ['nothing.ts', 'export {};', /nothing\.ts exports no architecture; it exports nothing\n.*export default a function/],
  ['number.ts', 'export default 5;', /the export 'default' is no architecture: it is number/],
  ['null.mjs', 'export const arch = null;', /the export 'arch' is no architecture: it is null/],
  ['part.ts', 'export default { manifest: {}, parse() {} };', /it lacks createUnit, createDriver, connect\n/],
  ['makes.ts', 'export default () => ({});', /it lacks manifest, createUnit, createDriver, parse, connect\n/],
  ['promise.ts', 'export default async () => 5;', /the export 'default' makes a promise\nawait/],
  ['throws.ts', "\nthrow new Error('boom');", /it cannot be loaded: boom \(.*throws\.ts:2:\d+\)/],
  ['factory.ts', "export default () => {\n throw new Error('made') };", /loaded: made \(.*factory\.ts:2:\d+\)/],
  ['named.ts', "export function mine() {\n throw new Error('made') }", /loaded: made \(.*named\.ts:2:\d+\)/],
  ['exits.ts', '\nprocess.exit(0);', /the architecture called process\.exit \(.*exits\.ts:2:\d+\)/],
  [
    'several.ts',
    `${IMPORT_HERON}export const a = heron;\nexport const b = heron;`,
    /exports several architectures: a, b\nname one in a file of your own: export \{ a as arch \}/,
  ],
  ['told.ts', `${IMPORT_HERON}export default heron;\nexport const contract = 5;`, /the export 'contract' is a number/],
];

test('what a module does wrong is told as its fault, with the file and the line', async (t) => {
  for (const [name, text, said] of BROKEN) {
    const { code, stderr } = await hwbpProcess([...REPLAY, '--arch', modules.write(name, text)]);
    t.is(code, 2, `${name}: ${stderr}`);
    t.regex(stderr, said, name);
    t.notRegex(stderr, /a bug in hwbp|\n +at |Node\.js v/, name);
  }
});

test('what a module does wrong later is its fault too; what others do is not', async (t) => {
  const late = modules.write(
    'late.ts',
    `${IMPORT_HERON}export default () => ({ ...heron(),
      connect() { throw new RangeError('not connected'); } });`,
  );
  for (const args of [REPLAY, ['stat', '-e', 'mem:vault_total:w', '--elf', ELF, TRACE]]) {
    const { code, stderr } = await hwbp([...args, '--arch', late]);
    t.is(code, 1, stderr);
    t.regex(stderr, /late\.ts: the architecture failed: not connected \(.*late\.ts:3:\d+\)/);
    t.notRegex(stderr, /a bug in hwbp|\n +at /);
  }
  const missing = await hwbp(['record', '-e', 'cs', '-o', '/nowhere/perf.data', '--arch', HERON, TRACE]);
  t.notRegex(missing.stderr, /the architecture failed/);
});

test('another copy of the core is refused, with both and the way out', async (t) => {
  using alone = new UserModules();
  const manifest = JSON.stringify({ name: '@hwbp/core', type: 'module', exports: './index.js' });
  alone.write('node_modules/@hwbp/core/package.json', manifest);
  alone.write('node_modules/@hwbp/core/index.js', 'export {};');
  const { code, stderr } = await hwbp([...REPLAY, '--arch', alone.write('mine.ts', 'export default () => 0;')]);
  t.is(code, 2);
  t.regex(stderr, /imports another copy of @hwbp\/core[\s\S]*modules-\w+\/node_modules\/@hwbp\/core[\s\S]*npm dedupe/);
});

test('a name that is not there says what is known and what else it takes', async (t) => {
  for (const args of [REPLAY, ['stat', '-e', 'cs', TRACE], ['debug', TRACE], ['conform', X86_TRANSCRIPT]]) {
    const { code, stderr } = await hwbp([...args, '--arch', 'riscv46']);
    t.is(code, 2);
    t.regex(stderr, /there is no architecture 'riscv46', and no package of that name/);
    t.regex(
      stderr,
      /did you mean riscv64\? known: x86, ppc64, arm64, riscv64, none, or a package or a path to a module/,
    );
  }
  const file = await hwbp([...REPLAY, '--arch', './nowhere.ts']);
  t.is(file.code, 2);
  t.regex(
    file.stderr,
    /there is no module \.\/nowhere\.ts that could export an architecture; the current directory is/,
  );
  const cpu = await hwbp([...REPLAY, '--arch', HERON, '--cpu', 'power8']);
  t.is(cpu.code, 2);
  t.regex(cpu.stderr, /has no CPUs to choose from/);
});
