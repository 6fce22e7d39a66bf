import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RspClient } from './client.js';

/** A stub in a process of its own, and a client that is connected to it. */
export interface RunningStub {
  readonly client: RspClient;
  stop(): void;
}

/** Stubs that can be compared. */
export interface StubKind {
  readonly name: string;
  /** Why there is none here; `undefined` if there is. */
  missing(): string | undefined;
  start(): Promise<RunningStub>;
}

async function connected(child: ChildProcess, port: number): Promise<RunningStub> {
  for (let patience = 100; ; patience--) {
    try {
      const client = await RspClient.connect(port);
      const stop = (): void => {
        client.close();
        child.kill('SIGKILL');
      };
      return { client, stop };
    } catch (error) {
      if (patience === 0) throw error;
      await setTimeout(50);
    }
  }
}

/** One of ours: a script that prints its port. */
function script(name: string, file: string): StubKind {
  return {
    name,
    missing: () => undefined,
    async start() {
      const path = fileURLToPath(new URL(file, import.meta.url));
      const child = spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      return connected(child, Number(String(line)));
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Somebody else's, if it is installed. */
function program(name: string, command: string, args: (port: number) => readonly string[]): StubKind {
  return {
    name,
    missing: () => (spawnSync(command, ['--version']).error === undefined ? undefined : `needs ${command}`),
    async start() {
      const port = await freePort();
      const child = spawn(command, args(port), { stdio: 'ignore' });
      return connected(child, port);
    },
  };
}

export const KERNEL = script('kgdb', 'kernel-stub.js');
export const BARE = script('bare stub', 'bare-stub.js');
export const GDBSERVER = program('gdbserver', 'gdbserver', (port) => [
  '--once',
  `127.0.0.1:${port}`,
  '/bin/sleep',
  '1000',
]);
export const QEMU = program('QEMU', 'qemu-system-x86_64', (port) => [
  ...['-S', '-display', 'none', '-net', 'none', '-monitor', 'none', '-serial', 'none'],
  ...['-accel', 'tcg', '-gdb', `tcp:127.0.0.1:${port}`],
]);
