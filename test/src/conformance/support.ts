import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type CliResult, hwbp } from '../replay/in-process.js';

// From test/dist/conformance.
const root = path.join(import.meta.dirname, '../../..');
const ORACLE = path.join(root, 'test/fixtures/oracle');

/** Suite P: ptrace, recorded from Linux 6.18. */
export const P = path.join(ORACLE, 'x86/P.jsonl.gz');
/** Random scripts, recorded later. */
export const RANDOM = path.join(ORACLE, 'x86/R.jsonl.gz');
/** Suite C: slot constraints and checks of perf events. */
export const C = path.join(ORACLE, 'x86/C.jsonl.gz');
/** Suite H: counting and sampling of perf events. */
export const H = path.join(ORACLE, 'x86/H.jsonl.gz');
/** Suite K2: guests of KVM, recorded under kvm-amd. */
export const K2 = path.join(ORACLE, 'x86-kvm/K2.jsonl.gz');
/** The older suite K, on the same host. */
export const K = path.join(ORACLE, 'x86-kvm/K.kvm-amd.jsonl.gz');
/** A ppc64 suite on a CPU and a kernel. */
export const ppc64File = (suite: string, cpu: string, kernel: string): string =>
  path.join(ORACLE, `ppc64/${suite}.${cpu}.${kernel}.jsonl.gz`);
/** An arm64 suite on a CPU and a kernel. */
export const arm64File = (suite: string, cpu: string, kernel: string): string =>
  path.join(ORACLE, `arm64/${suite}.${cpu}.${kernel}.jsonl.gz`);

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Step = { op: string } & { [key: string]: Json };

export interface Script {
  suite: string;
  id: string;
  setup: { [key: string]: Json };
  steps: Step[];
}

/** `hwbp conform`. */
export const conform = (...args: readonly string[]): Promise<CliResult> => hwbp(['conform', ...args]);

/** The first difference of a script, as `--json` tells it. */
export interface Difference {
  readonly step: number;
  readonly op: string;
  readonly field: string;
  readonly expected?: Json;
  readonly got?: Json;
}

export interface ScriptLine {
  readonly kind: 'script';
  readonly file: string;
  readonly id: string;
  readonly result: 'matched' | 'differs' | 'not played' | 'malformed';
  readonly reason?: string;
  readonly difference?: Difference;
}

export interface FileLine {
  readonly kind: 'file';
  readonly file: string;
  readonly scripts: number;
  readonly matched: number;
  readonly differs: number;
  readonly malformed: number;
  readonly notPlayed: { readonly [reason: string]: number };
}

/** `--json`, parsed. */
export async function conformJson(
  ...args: readonly string[]
): Promise<CliResult & { readonly scripts: ScriptLine[]; readonly files: FileLine[] }> {
  const result = await conform('--json', ...args);
  const lines = result.stdout.split('\n').filter((line) => line !== '');
  const parsed = lines.map((line) => JSON.parse(line) as ScriptLine | FileLine);
  return {
    ...result,
    scripts: parsed.filter((line) => line.kind === 'script'),
    files: parsed.filter((line) => line.kind === 'file'),
  };
}

/** The scripts of a recording, plain or gzipped. */
export function readScripts(file: string): Script[] {
  const bytes = readFileSync(file);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Script);
}

/** A script that reads back a part of the state that no player has. */
export const NOT_PLAYED: Script = Object.freeze({ suite: 'P', id: 'P-0000', setup: { after: 'dr,kvm' }, steps: [] });
/** Why it is not played. */
export const OBSTACLE = 'reads back kvm, which is not played';

/** A directory that is gone when the test is over. */
export class Scratch implements Disposable {
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'hwbp-conform-'));

  path(name: string): string {
    return path.join(this.#directory, name);
  }

  /** Writes text, or scripts one to a line; gzipped if the name says so. */
  write(name: string, content: string | readonly unknown[]): string {
    const file = this.path(name);
    const text = typeof content === 'string' ? content : content.map((one) => `${JSON.stringify(one)}\n`).join('');
    writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** A script of suite P by its id. */
export function script(scripts: readonly Script[], id: string): Script {
  const found = scripts.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no script ${id}`);
  return found;
}
