import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a real lldb prints for these commands. */
export async function lldb(executable: string, ...commands: readonly string[]): Promise<string> {
  const args = commands.flatMap((command) => ['-o', command]);
  const { stdout, stderr } = await run(executable, ['--no-lldbinit', '--no-use-colors', '--batch', ...args], {
    timeout: 60_000,
  });
  return stdout + stderr;
}
