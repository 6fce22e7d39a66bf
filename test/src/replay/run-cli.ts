import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { CliResult } from './in-process.js';

export { hwbp } from './in-process.js';

/** From test/dist/replay. */
export const ROOT = path.join(import.meta.dirname, '../../..');
export const BIN = path.join(ROOT, 'cli/bin/hwbp.js');
const CORRUPTION = path.join(ROOT, 'examples/corruption');

/** The recorded example. */
export const TRACE = path.join(CORRUPTION, 'ledger.trace.gz');
export const ELF = path.join(CORRUPTION, 'ledger');

/** Its text. */
export const traceText = (): Buffer => gunzipSync(readFileSync(TRACE));

interface ExpectedWatch {
  readonly symbol: string;
  readonly mode: 'w' | 'rw';
  readonly address: string;
  readonly size: number;
  readonly total: number;
  readonly sites: readonly {
    readonly pc: string;
    readonly function: string | null;
    readonly count: number;
    readonly first: number;
    readonly last: number;
  }[];
  readonly hits?: readonly { readonly step: number; readonly pc: string }[];
}

/** What a separate script found in it. */
export const expected: {
  readonly lines: Readonly<Record<'I' | 'L' | 'S' | 'M' | 'other', number>>;
  readonly culprit_hits: readonly { readonly step: number; readonly pc: string }[];
  readonly watches: readonly ExpectedWatch[];
} = JSON.parse(readFileSync(path.join(CORRUPTION, 'expected.json'), 'utf8'));

/** Runs `hwbp` in a process of its own, as a user would, in a folder. `input` goes to its standard input. */
export function hwbpProcess(args: readonly string[], input?: Uint8Array, cwd?: string): Promise<CliResult> {
  return nodeProcess([BIN, ...args], input, cwd);
}

/** Runs Node: its options, a program of ours, and that one's arguments. `input` goes to its standard input. */
export function nodeProcess(args: readonly string[], input?: Uint8Array, cwd?: string): Promise<CliResult> {
  const child = spawn(process.execPath, args, { env: { ...process.env, NO_COLOR: '' }, cwd });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A command that ends without reading all of its input is no error here.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

/** Runs `hwbp`, closes its output after the first bytes of it, and resolves once it has ended. */
export function hwbpUnread(args: readonly string[]): Promise<Omit<CliResult, 'stdout'>> {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })));
}

/** Runs `hwbp` until its output has something, then presses Ctrl-C, and resolves to the output once it has ended. */
export function beginningOf(args: readonly string[], until: RegExp): Promise<string> {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (until.test(stdout)) child.kill('SIGINT');
  });
  return new Promise((resolve) => child.on('close', () => resolve(stdout)));
}

/** One line of `--json`. */
export interface JsonHit {
  readonly kind: 'hit';
  readonly step: number;
  readonly cpu: number;
  readonly pid: number;
  readonly pc: string;
  readonly ip: string;
  readonly symbol: string | null;
  readonly type: string;
  readonly address: string;
  readonly length: number;
  readonly watch: string;
}

/** The last line of `--json`. */
export interface JsonSummary {
  readonly kind: 'summary';
  readonly steps: number;
  readonly lines: Readonly<Record<'I' | 'L' | 'S' | 'M' | 'other', number>>;
  readonly hits: number;
  readonly tasks: readonly { readonly pid: number; readonly comm: string; readonly cpu: number }[];
  readonly watches: readonly { readonly watch: string; readonly hits: number }[];
  readonly sites: readonly {
    readonly symbol: string | null;
    readonly pc: string;
    readonly watch: string;
    readonly type: string;
    readonly count: number;
    readonly first: number;
    readonly last: number;
  }[];
  readonly registers: readonly {
    readonly cpu: number;
    readonly register: string;
    readonly address: string | null;
    readonly owner?: string;
    readonly watch?: string;
    readonly hits?: number;
  }[];
}

/** The lines of `--json`. */
export function parseJson(stdout: string): { readonly hits: readonly JsonHit[]; readonly summary: JsonSummary } {
  const lines: (JsonHit | JsonSummary)[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const summary = lines.pop();
  if (summary?.kind !== 'summary') throw new Error('the last line is no summary');
  return { hits: lines.filter((line) => line.kind === 'hit'), summary };
}

/** A folder for files of one test, gone afterwards. */
export function scratch(t: {
  teardown(clean: () => void): void;
}): (name: string, content: Uint8Array | string) => string {
  const folder = mkdtempSync(path.join(tmpdir(), 'hwbp-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return (name, content) => {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    return file;
  };
}
