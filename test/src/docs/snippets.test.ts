import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { ts } from 'ts-morph';
import { pages, ROOT, type Snippet, snippetsOf } from './snippets.js';

const run = promisify(execFile);
const SNIPPETS = pages().flatMap(snippetsOf);

const TSC = path.join(ROOT, 'node_modules/typescript/bin/tsc');

/** A folder that finds what snippets import, until the test is over. */
function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(path.join(ROOT, 'test/dist/docs/run-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What the compiler says about snippets, by where they stand. */
async function complaints(t: ExecutionContext, snippets: readonly Snippet[]): Promise<readonly string[]> {
  const folder = folderOf(t);
  const compilerOptions = { noEmit: true, composite: false, types: ['node'], erasableSyntaxOnly: false };
  const base = { extends: path.join(ROOT, 'tsconfig.base.json'), compilerOptions, include: ['*.ts'] };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(base));
  for (const [index, { given, code }] of snippets.entries()) {
    writeFileSync(path.join(folder, `snippet-${index}.ts`), `${given}\n${code}export {};\n`);
  }
  const { stdout } = await run(process.execPath, [TSC, '-p', folder, '--pretty', 'false']).catch(
    (error: { readonly stdout?: string }) => ({ stdout: error.stdout ?? String(error) }),
  );
  return stdout
    .split('\n')
    .filter((line) => /^\S/.test(line))
    .map((line) => {
      const [, index, row, message = line] = /snippet-(\d+)\.ts\((\d+),\d+\): (.*)$/.exec(line) ?? [];
      const { file, line: first = 0, given = '' } = snippets[Number(index)] ?? {};
      return `${file}:${first + Number(row) - given.split('\n').length - 1}: ${message}`;
    });
}

/** What a snippet prints, as JavaScript in a file of its own. */
async function printed(t: ExecutionContext, code: string): Promise<string> {
  const file = path.join(folderOf(t), 'snippet.mjs');
  writeFileSync(file, code);
  return (await run(process.execPath, [file])).stdout;
}

const javascript = (code: string): string =>
  ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } })
    .outputText;

test('every snippet of every page is compiled, or says why not', async (t) => {
  t.true(SNIPPETS.length > 50, `${SNIPPETS.length}`);
  const excused = SNIPPETS.filter(({ excuse }) => excuse !== undefined);
  for (const { file, line, excuse = '' } of excused)
    t.true(excuse.length > 20, `${file}:${line}: '${excuse}' is no reason`);
  t.true(excused.length < 10, 'most are compiled');
  t.deepEqual(
    await complaints(
      t,
      SNIPPETS.filter(({ excuse }) => excuse === undefined),
    ),
    [],
  );
});

test('a snippet that is wrong is found, with its page and line', async (t) => {
  const wrong = { file: 'docs/page.md', line: 10, excuse: undefined, prints: undefined };
  const given = "import { composeKernel } from '@hwbp/core';\nimport { x86 } from '@hwbp/arch-x86';";
  t.deepEqual(
    (
      await complaints(t, [{ ...wrong, given, code: 'composeKernel({ arch: x86() });\ncomposeKernel({ arch: 1 });\n' }])
    ).map((message) => message.split(': ')[0]),
    ['docs/page.md:11'],
  );
});

for (const { line, code, prints = '' } of snippetsOf('docs/composing-kernels.md').filter(
  ({ prints }) => prints !== undefined,
)) {
  test(`docs/composing-kernels.md:${line} prints what stands below it`, async (t) => {
    if (code.includes('defineKernel')) t.true(prints.startsWith('(gdb)'));
    else t.is(await printed(t, javascript(code)), prints);
  });
}

test('docs/composing-kernels.md has a program for each step', (t) => {
  const programs = snippetsOf('docs/composing-kernels.md');
  t.true(programs.filter(({ prints }) => prints !== undefined && prints !== '').length >= 13);
});

test("README.md's first snippet runs as printed, as JavaScript too", async (t) => {
  const [first] = snippetsOf('README.md');
  t.truthy(first?.prints);
  t.is(await printed(t, first?.code ?? ''), first?.prints ?? '');
});

test('examples/README.md lists every example', (t) => {
  const index = readFileSync(path.join(ROOT, 'examples/README.md'), 'utf8');
  const listed = [...index.matchAll(/^\| `(?:src\/)?([\w-]+)` \|/gm)].map(([, name]) => name);
  const folders = ['corruption', 'meters', 'panel', ...foldersOf('examples/src')];
  t.deepEqual(listed.sort(), folders.sort());
});

function foldersOf(directory: string): readonly string[] {
  const entries = ts.sys.getDirectories(path.join(ROOT, directory));
  return entries.map((entry) => path.basename(entry));
}
