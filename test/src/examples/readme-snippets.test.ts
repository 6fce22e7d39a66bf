import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Project, ts } from 'ts-morph';
import { ROOT } from '../replay/run-cli.js';

/** The first block of TypeScript behind a heading of a document, or its first one. */
function snippet(document: string, heading = ''): string {
  const text = readFileSync(path.join(ROOT, document), 'utf8');
  const found = /```ts\n(.*?)```/s.exec(text.slice(Math.max(0, text.indexOf(heading))))?.[1];
  if (found === undefined) throw new Error(`${document} has no TypeScript behind '${heading}'`);
  return found;
}

/** What is wrong with a program, as the compiler says it under this repository's settings. */
function complaints(file: string): readonly string[] {
  const project = new Project({
    tsConfigFilePath: path.join(ROOT, 'test/tsconfig.json'),
    skipAddingFilesFromTsConfig: true,
    compilerOptions: { rootDir: ROOT },
  });
  project.addSourceFileAtPath(file);
  const found = project.getPreEmitDiagnostics();
  return found.map((one) => ts.flattenDiagnosticMessageText(one.compilerObject.messageText, ' '));
}

/** Checks a program, runs it in a process of its own, and returns what it prints. */
function play(t: ExecutionContext, source: string): string {
  // Inside of the repository, so that its packages are found.
  const directory = mkdtempSync(path.join(ROOT, 'test/dist/snippet-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const file = path.join(directory, 'snippet.ts');
  writeFileSync(file, source);
  t.deepEqual(complaints(file), []);
  const compiled = path.join(directory, 'snippet.mjs');
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  writeFileSync(compiled, ts.transpileModule(source, { compilerOptions }).outputText);
  return execFileSync(process.execPath, [compiled], { encoding: 'utf8' });
}

for (const document of ['syscalls/README.md', 'devices/README.md']) {
  test(`the program of ${document} compiles, and prints what it says, as it is printed`, (t) => {
    t.is(play(t, snippet(document)), 'hello\n');
  });
}

test('the program of locks/README.md compiles, and finds nothing wrong', (t) => {
  t.is(play(t, snippet('locks/README.md')), 'nothing wrong with the locks\n');
});

test('the program of history/README.md compiles, and prints what stands below it', (t) => {
  t.is(play(t, snippet('history/README.md')), 'CPU 0 DR0: me w 0x601040+8 counter, 0 to 2\n');
});

test('the table of docs/contracts.md compiles and runs', (t) => {
  t.is(play(t, snippet('docs/contracts.md', '## System calls')), '');
});
