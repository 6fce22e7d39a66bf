import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { BIN } from '../replay/run-cli.js';

const run = promisify(execFile);

/**
 * `hwbp debug` on a port of its own, until `use` is done with it; what it printed and how it ended. `said`: what it has
 * printed so far.
 */
export async function debugging(args: readonly string[], use: (port: number, said: () => string) => Promise<void>) {
  const child = spawn(process.execPath, [BIN, 'debug', '--listen', '0', ...args], {
    env: { ...process.env, NO_COLOR: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const port = await new Promise<number>((resolve, reject) => {
    const listen = (text: string): void => {
      output += text;
      const match = /target remote \S+:(\d+)'/.exec(output);
      if (match !== null) resolve(Number(match[1]));
    };
    child.stdout.setEncoding('utf8').on('data', listen);
    child.stderr.setEncoding('utf8').on('data', listen);
    void ended.then(() => reject(new Error(output)));
  });
  await use(port, () => output);
  const late = setTimeout(() => child.kill('SIGINT'), 3000);
  const code = await ended;
  clearTimeout(late);
  return { code, output };
}

/** What gdb prints. */
export async function gdb(executable: string, port: number, file: string | undefined, ...commands: readonly string[]) {
  const all = ['set confirm off', 'set pagination off', 'set width 0', 'set debuginfod enabled off'];
  const args = [...all, `target remote 127.0.0.1:${port}`, ...commands].flatMap((command) => ['-ex', command]);
  const files = file === undefined ? [] : [file];
  const { stdout, stderr } = await run(executable, ['-nx', '-q', '-batch', ...args, ...files], { timeout: 60_000 });
  return stdout + stderr;
}
