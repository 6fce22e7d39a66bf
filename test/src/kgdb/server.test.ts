import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { Kernel } from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { KgdbServer, type KgdbServerOptions } from '@hwbp/kgdb/server';
import test from 'ava';
import { frame, kernelWith, payloads } from './client.js';
import { lines, spawnCounters } from './programs.js';

/** A client that is no gdb: raw bytes over TCP. */
class Peer {
  readonly socket: Socket;
  received = '';
  closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.received += text;
    });
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('error', () => {});
  }

  static async connect(server: KgdbServer): Promise<Peer> {
    const socket = connect(server.address.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    return new Peer(socket);
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** The first answer that comes from now on. */
  async ask(payload: string): Promise<string> {
    this.received = '';
    this.send(frame(payload));
    await until(() => payloads(this.received).length > 0, `an answer to ${payload}`);
    return payloads(this.received)[0] as string;
  }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 20_000) throw new Error(`waited in vain for ${what}`);
    await setTimeout(5);
  }
}

async function serving(
  use: (server: KgdbServer, kernel: Kernel, notices: string[]) => Promise<void>,
  options: Partial<KgdbServerOptions> = {},
): Promise<void> {
  using kernel = kernelWith();
  spawnCounters(kernel, 2);
  const notices: string[] = [];
  const notice = (text: string): void => {
    notices.push(text);
  };
  const server = await KgdbServer.listen(kernel.get(Kgdb), { port: 0, notice, ...options });
  try {
    await use(server, kernel, notices);
  } finally {
    await server.close();
  }
}

test('nothing but loopback without being asked', async (t) => {
  await serving(async (server) => {
    t.is(server.address.address, '127.0.0.1');
  });
  await serving(
    async (server) => {
      t.is(server.address.address, '0.0.0.0');
    },
    { host: '0.0.0.0' },
  );
});

test('the machine waits for the first debugger, runs while none is there, and stops for the next', async (t) => {
  await serving(async (server, kernel) => {
    const count = (): number => kernel.machine.cpu(0).instructions;
    await setTimeout(30);
    t.is(count(), 0);
    const first = await Peer.connect(server);
    await first.ask('?');
    t.is(count(), 0);
    t.is(await first.ask('D'), 'OK');
    await until(() => first.closed, 'the end of the connection');
    await until(() => count() > 0, 'the machine to run');
    const second = await Peer.connect(server);
    t.regex(await second.ask('?'), /^T05/);
    const stopped = count();
    await setTimeout(30);
    t.is(count(), stopped);
  });
  await serving(
    async (_server, kernel) => {
      await until(() => kernel.machine.cpu(0).instructions > 0, 'the machine to run');
      t.pass();
    },
    { wait: false },
  );
});

test('a second debugger is told that the port is busy; the first one notices nothing', async (t) => {
  await serving(async (server, _kernel, notices) => {
    const first = await Peer.connect(server);
    t.is(await first.ask('qC'), 'QC1');
    const second = await Peer.connect(server);
    t.regex(await second.ask('qSupported'), /^E\.another debugger is attached/);
    await until(() => second.closed, 'the end of the second connection');
    t.true(notices.includes('another debugger was turned away: the port is busy'));
    t.is(await first.ask('qC'), 'QC1');
  });
});

test('a debugger that comes while another kind has the kernel is told so, and nothing is left of it', async (t) => {
  await serving(async (server, kernel, notices) => {
    const chain = kernel.machine.dieChain.size;
    const session = kernel.get(Kgdb).attach({ send: () => {} });
    const second = await Peer.connect(server);
    t.regex(await second.ask('qSupported'), /^E\./);
    session.close();
    kernel.breakpoints.debugger.enter('another kind');
    for (let i = 0; i < 3; i++) {
      const peer = await Peer.connect(server);
      t.regex(await peer.ask('qSupported'), /^E\..*another kind/);
    }
    kernel.breakpoints.debugger.leave();
    t.is(kernel.machine.dieChain.size, chain);
    t.is(notices.filter((text) => text.startsWith('a debugger was turned away: ')).length, 4);
    const last = await Peer.connect(server);
    t.is(await last.ask('qC'), 'QC1');
  });
});

test('who connects and says nothing is cut off; it never was a debugger, so the machine never stood', async (t) => {
  await serving(
    async (server, kernel, notices) => {
      const silent = await Peer.connect(server);
      const before = kernel.machine.cpu(0).instructions;
      await until(() => kernel.machine.cpu(0).instructions > before, 'the machine to run beside the connection');
      t.false(server.attached);
      await until(() => silent.closed, 'the end of the connection');
      t.deepEqual(notices, []);
    },
    { timeout: 200, wait: false },
  );
  await serving(
    async (server, kernel) => {
      const silent = await Peer.connect(server);
      await until(() => silent.closed, 'the end of the connection');
      t.is(kernel.machine.cpu(0).instructions, 0, 'the machine still waits for its first debugger');
      const first = await Peer.connect(server);
      t.is(await first.ask('qC'), 'QC1');
    },
    { timeout: 200 },
  );
});

test('closing does not wait for those that were turned away', async (t) => {
  using kernel = kernelWith();
  const server = await KgdbServer.listen(kernel.get(Kgdb), { port: 0, timeout: 60_000 });
  const first = await Peer.connect(server);
  await first.ask('qC');
  const silent = await Promise.all(Array.from({ length: 5 }, () => Peer.connect(server)));
  await server.close();
  await until(() => silent.every(({ closed }) => closed), 'the end of every connection');
  t.pass();
});

test('a second debugger that says nothing is cut off too', async (t) => {
  await serving(
    async (server) => {
      const first = await Peer.connect(server);
      t.is(await first.ask('QStartNoAckMode'), 'OK');
      const second = await Peer.connect(server);
      await until(() => second.closed, 'the end of the second connection');
      t.false(first.closed);
    },
    { timeout: 200 },
  );
});

test('a connection that drops gives everything back, also while the machine runs', async (t) => {
  await serving(async (server, kernel) => {
    for (const how of ['stopped', 'running']) {
      const peer = await Peer.connect(server);
      t.is(await peer.ask('QStartNoAckMode'), 'OK');
      t.is(await peer.ask(`Z1,400000,1`), 'OK');
      if (how === 'running') peer.send(frame('c'));
      peer.socket.destroy();
      await until(() => !server.attached, 'the end');
      t.false(kernel.breakpoints.isUsed);
    }
  });
});

test('a debugger that leaves a packet unfinished, or an answer unacknowledged, is cut off', async (t) => {
  await serving(
    async (server, kernel) => {
      for (const half of ['$m1000', frame('qC')]) {
        const peer = await Peer.connect(server);
        peer.send(frame('Z2,1000,4'));
        await until(() => kernel.breakpoints.isUsed, 'a claim');
        peer.send(`+${half}`);
        await until(() => peer.closed, half);
        await until(() => !server.attached, 'the end');
        t.false(kernel.breakpoints.isUsed);
      }
    },
    { timeout: 400 },
  );
});

test('a debugger that only thinks is left alone', async (t) => {
  await serving(
    async (server) => {
      const peer = await Peer.connect(server);
      await peer.ask('QStartNoAckMode');
      await setTimeout(500);
      t.false(peer.closed);
      t.is(await peer.ask('qC'), 'QC1');
      peer.send(frame('c'));
      await setTimeout(500);
      t.false(peer.closed, 'nor one that waits for a stop');
    },
    { timeout: 200 },
  );
});

test('what a debugger does not read is not piled up, and in the end it is cut off', async (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  const server = await KgdbServer.listen(kernel.get(Kgdb), { port: 0, timeout: 100 });
  let written = 0;
  // A stream that takes nothing.
  const stream = new Duplex({
    read() {},
    write(chunk: Uint8Array, _encoding, _taken) {
      written += chunk.length;
    },
    highWaterMark: 1024,
  });
  server.serve(stream);
  stream.push(frame('QStartNoAckMode'));
  // One piece, with answers of 16 MiB.
  stream.push(frame('m0,2000').repeat(1000));
  await until(() => stream.destroyed, 'the end');
  t.true(stream.writableLength < 64 * 1024);
  t.true(written < 64 * 1024);
  t.false(server.attached);
  await server.close();
});

test('a debugger on a stream of its own: no socket is needed', async (t) => {
  await serving(async (server) => {
    let answer = '';
    const stream = new Duplex({
      read() {},
      write(chunk: Uint8Array, _encoding, taken) {
        answer += String.fromCharCode(...chunk);
        taken();
      },
    });
    server.serve(stream);
    stream.push(frame('qC'));
    await until(() => answer !== '', 'an answer');
    t.is(answer, '+$QC1#c5');
  });
});

test('Ctrl-C is heard while the machine runs', async (t) => {
  await serving(async (server, kernel) => {
    const peer = await Peer.connect(server);
    await peer.ask('QStartNoAckMode');
    peer.received = '';
    peer.send(frame('c'));
    await until(() => kernel.machine.cpu(0).instructions > 10_000, 'the machine to run');
    peer.send('\x03');
    await until(() => payloads(peer.received).length > 0, 'a stop');
    t.regex(payloads(peer.received)[0] ?? '', /^T02/);
  });
});

test('programs that wait for input are fed while they are debugged; what comes late wakes them', async (t) => {
  using kernel = kernelWith({ cpus: 1 });
  let state: 'starved' | 'ready' | 'done' = 'starved';
  const task = kernel.machine.spawn(() => ({
    get state() {
      return state;
    },
    run(cpu) {
      if (cpu.execute({ pc: 0x1000n, length: 4 }) === undefined) return 0;
      state = 'done';
      return 1;
    },
  }));
  const server = await KgdbServer.listen(kernel.get(Kgdb), {
    port: 0,
    feed: async () => {
      await setTimeout(10);
      if (state !== 'starved') return false;
      state = 'ready';
      kernel.machine.wake(task);
      return true;
    },
  });
  const peer = await Peer.connect(server);
  await peer.ask('QStartNoAckMode');
  peer.send('+');
  peer.received = '';
  peer.send(frame('c'));
  await until(() => payloads(peer.received).length > 0, 'the end');
  t.deepEqual(payloads(peer.received), ['W00']);
  peer.socket.destroy();
  await server.ended;
  await server.close();
});

test('an error of the kernel ends the server with that error', async (t) => {
  using kernel = kernelWith({ cpus: 1 });
  const planted = new Error('planted');
  kernel.machine.spawn(() => ({
    state: 'ready',
    run() {
      throw planted;
    },
  }));
  const server = await KgdbServer.listen(kernel.get(Kgdb), { port: 0, wait: false });
  t.is(await t.throwsAsync(server.ended), planted);
  await server.close();
});

test('a kernel that a handler’s error stops while nobody is attached ends its server; one that only stops says so', async (t) => {
  using kernel = kernelWith({ cpus: 1 });
  spawnCounters(kernel, 1);
  const notices: string[] = [];
  const notice = (text: string): void => void notices.push(text);
  const server = await KgdbServer.listen(kernel.get(Kgdb), { port: 0, wait: false, notice });
  kernel.machine.stop('had enough');
  await until(() => notices.includes('the kernel stopped: had enough'), 'the notice');
  const planted = new Error('planted');
  kernel.machine.stop('panic', planted);
  t.is(await t.throwsAsync(server.ended), planted);
  await server.close();
});

test('the last task ends while nobody is attached: so does the server', async (t) => {
  using kernel = kernelWith({ cpus: 1 });
  kernel.machine.spawn(lines([{}, {}]));
  const server = await KgdbServer.listen(kernel.get(Kgdb), { port: 0, wait: false });
  await server.ended;
  t.is(kernel.machine.tasks.size, 0);
  await server.close();
});

test('a port that is taken is the system’s error', async (t) => {
  await serving(async (server, kernel) => {
    const error = await t.throwsAsync(KgdbServer.listen(kernel.get(Kgdb), { port: server.address.port }));
    t.is((error as NodeJS.ErrnoException).code, 'EADDRINUSE');
  });
});
