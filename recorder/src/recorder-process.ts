import { spawn } from 'node:child_process';
import { RecorderError } from './recorder-error.js';
import type { ScriptText } from './script-text.js';

/** The programs that `make` builds. */
export interface Programs {
  readonly record: string;
  readonly worker: string;
}

/** Runs scripts once, in their order: one transcript line for each. `busy`: with both CPUs kept busy meanwhile. */
export async function runOnce(
  programs: Programs,
  scripts: readonly ScriptText[],
  { busy = false }: { readonly busy?: boolean } = {},
): Promise<string[]> {
  const child = spawn(programs.record, [...(busy ? ['--busy'] : []), programs.worker], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'no status'));
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000);
  });
  // A recorder that died is told by its exit code.
  child.stdin.on('error', () => {});
  child.stdin.end(scripts.map(({ text }) => text).join(''));
  const answers: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => answers.push(chunk));
  const status = await ended;
  const lines = Buffer.concat(answers).toString('utf8').split('\n').slice(0, -1);
  if (status !== 0 || lines.length !== scripts.length) {
    throw new RecorderError(
      `the recorder ended with ${status} after ${lines.length} of ${scripts.length} scripts: ${complaint.trim() || 'it said nothing'}`,
    );
  }
  return lines;
}
