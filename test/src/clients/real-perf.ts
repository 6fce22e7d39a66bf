import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MemorySink, type PerfDataOptions, PerfDataWriter } from '@hwbp/perf';

/** How perf ended. */
export interface PerfResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs perf without a pager and without a configuration of the user's. */
export function runPerf(perf: string, args: readonly string[]): Promise<PerfResult> {
  const env = { ...process.env, PERF_CONFIG: '/dev/null', PAGER: 'cat', LC_ALL: 'C' };
  const child = spawn(perf, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Writes a file and returns its path; it is gone after the test. */
export function perfDataFile(
  t: { teardown(clean: () => void): void },
  options: PerfDataOptions,
  fill: (writer: PerfDataWriter) => void,
): string {
  const sink = new MemorySink();
  const writer = new PerfDataWriter(sink, options);
  fill(writer);
  writer.finish();
  const folder = mkdtempSync(path.join(tmpdir(), 'hwbp-perf-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'perf.data');
  writeFileSync(file, sink.bytes);
  return file;
}

/** The lines of a text that are not empty, without the spaces around them. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
