import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Kernel } from '@hwbp/core';
import { Kgdb, type SessionOptions } from '@hwbp/kgdb';
import { KgdbServer } from '@hwbp/kgdb/server';

const run = promisify(execFile);

/** How a debugger attaches to a kernel: what its threads are, or that and more; `before`: what it is told first. */
type Attached =
  | NonNullable<SessionOptions['threads']>
  | (Pick<SessionOptions, 'threads' | 'auxv'> & { readonly before?: readonly string[] });

/** What a real gdb prints that attaches to a kernel. */
export async function gdb(
  executable: string,
  kernel: Kernel,
  attached: Attached,
  ...commands: readonly string[]
): Promise<string> {
  const { before = [], ...options } = typeof attached === 'string' ? { threads: attached } : attached;
  const server = await KgdbServer.listen(kernel.get(Kgdb), { port: 0, ...options });
  try {
    const all = ['set confirm off', 'set pagination off', 'set width 0', 'set debuginfod enabled off'];
    const remote = `target remote 127.0.0.1:${server.address.port}`;
    const args = [...all, ...before, remote, ...commands].flatMap((command) => ['-ex', command]);
    const { stdout, stderr } = await run(executable, ['-nx', '-q', '-batch', ...args], { timeout: 60_000 });
    return stdout + stderr;
  } finally {
    await server.close();
  }
}
