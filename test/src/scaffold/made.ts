import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Initializer, type Question, runInitializer } from '@hwbp/scaffold';
import type { ExecutionContext } from 'ava';
import { BIN, ROOT } from '../replay/run-cli.js';

const run = promisify(execFile);
const FIXTURES = path.join(ROOT, 'test/fixtures/scaffold');
const TSC = path.join(ROOT, 'node_modules/typescript/bin/tsc');
const AVA = fileURLToPath(new URL('cli.mjs', import.meta.resolve('ava')));

/** A folder that goes with the test. */
export function folder(t: ExecutionContext): string {
  const made = mkdtempSync(path.join(tmpdir(), 'hwbp-made-'));
  t.teardown(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** What a command printed, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Runs a script of Node's. */
export async function node(cwd: string, script: string, ...args: readonly string[]): Promise<Ended> {
  const options = { cwd, env: { ...process.env, NO_COLOR: '1' }, maxBuffer: 64 * 1024 * 1024 };
  try {
    const { stdout, stderr } = await run(process.execPath, [script, ...args], options);
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

/** Runs an initializer in this process, as somebody who can be asked only if there are `answers`. */
export async function create(
  initializer: Initializer,
  cwd: string,
  args: readonly string[],
  answers?: (question: Question) => string | boolean,
) {
  let [out, err] = ['', ''];
  const code = await runInitializer(initializer, args, {
    cwd,
    terminal: answers === undefined ? undefined : { ask: async (question) => answers(question) },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

/** A package that was made, with this repository's packages in its `node_modules`. */
export class Made {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(directory, 'node_modules'));
  }

  async build(): Promise<Ended> {
    return await node(this.directory, TSC, '-b');
  }

  /** Its suite, by ava: ids and messages of what is red, and how many are green. */
  async test(): Promise<{ readonly red: readonly string[]; readonly green: number }> {
    const { output } = await node(this.directory, AVA, '--tap');
    const parts = output.split(/^(?=(?:not )?ok \d)/m).filter((part) => /^(not )?ok \d/.test(part));
    const red = parts.filter((part) => part.startsWith('not ok'));
    return { red, green: parts.length - red.length };
  }

  async defects(): Promise<Ended> {
    return await node(this.directory, path.join(this.directory, 'dist/defects/run.js'));
  }

  async demo(): Promise<Ended> {
    return await node(this.directory, BIN, 'run', 'demo/kernel.config.ts');
  }

  /** What is written by hand, as a patch: how many lines that is. */
  async patch(name: string): Promise<number> {
    const file = path.join(FIXTURES, `${name}.patch`);
    await run('git', ['apply', file], {
      cwd: this.directory,
      env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
    });
    return readFileSync(file, 'utf8').match(/^\+[^+]/gm)?.length ?? 0;
  }

  read(file: string): string {
    return readFileSync(path.join(this.directory, file), 'utf8');
  }
}

/** A repository of hwbp with nothing in it but what a made package is built with. */
export function repository(t: ExecutionContext): string {
  const root = folder(t);
  writeFileSync(path.join(root, 'package.json'), JSON.stringify({ name: 'hwbp', workspaces: ['core', 'arch-*'] }));
  const references = ['core', 'arch-x86', 'consumers/kgdb', 'testkit'].map((directory) => ({ path: directory }));
  writeFileSync(path.join(root, 'tsconfig.json'), JSON.stringify({ files: [], references }));
  mkdirSync(path.join(root, 'consumers'));
  // Not a copy of the options: what is built with newer ones is built anew, under the hands of every other test.
  for (const name of ['core', 'testkit', 'node_modules', 'tsconfig.base.json'])
    symlinkSync(path.join(ROOT, name), path.join(root, name));
  return root;
}

/** The messages of red cases that say what to write next: each once. */
export function nextOf(red: readonly string[]): readonly string[] {
  return [...new Set(red.map((part) => /write next: (\w+)\(\)/.exec(part)?.[1] ?? part))];
}
