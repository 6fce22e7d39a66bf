import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { Kgdb } from '@hwbp/kgdb';
import { KgdbServer, type Timer } from '@hwbp/kgdb/server';
import test from 'ava';
import { frame, kernelWith } from './client.js';
import { spawnCounters } from './programs.js';

/** Time that passes when the test says so. */
class HandClock {
  now = 0;
  readonly #due = new Map<object, { readonly at: number; readonly action: () => void }>();
  readonly timer: Timer = (milliseconds, action) => {
    const key = {};
    this.#due.set(key, { at: this.now + milliseconds, action });
    return () => void this.#due.delete(key);
  };

  pass(milliseconds: number): void {
    this.now += milliseconds;
    for (const [key, { at, action }] of [...this.#due]) {
      if (at <= this.now && this.#due.delete(key)) action();
    }
  }

  get running(): number {
    return this.#due.size;
  }
}

/** The other end of a stream. */
class Peer {
  answer = '';
  readonly stream: Duplex;

  constructor() {
    this.stream = new Duplex({
      read() {},
      write: (chunk: Uint8Array, _encoding, taken) => {
        this.answer += Buffer.from(chunk).toString('latin1');
        taken();
      },
    });
  }

  async send(text: string): Promise<void> {
    this.stream.push(Buffer.from(text, 'latin1'));
    await setImmediate();
    await setImmediate();
  }
}

async function serving(
  use: (
    server: KgdbServer,
    world: { clock: HandClock; notices: string[]; kernel: ReturnType<typeof kernelWith> },
  ) => Promise<void>,
): Promise<void> {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  const notices: string[] = [];
  const clock = new HandClock();
  const notice = (text: string): void => void notices.push(text);
  const { timer } = clock;
  const server = await KgdbServer.listen(kernel.get(Kgdb), { port: 0, timeout: 1000, timer, notice });
  try {
    await use(server, { clock, notices, kernel });
  } finally {
    await server.close();
  }
}

const SLOW: Readonly<Record<string, readonly [before: string, drops: string]>> = {
  'that never sends a packet': ['', '+'],
  'in the middle of a packet': [`${frame('qC')}+`, '$'],
  'that begins its packet again and again': [`${frame('qC')}+$`, '$'],
  'that does not acknowledge': [frame('qC'), '$'],
  'whose packets are all damaged': ['', '$qC#00'],
};

for (const [who, [before, drop]] of Object.entries(SLOW)) {
  test(`somebody ${who}, and sends a little now and then, is cut off all the same`, async (t) => {
    await serving(async (server, { clock }) => {
      const peer = new Peer();
      server.serve(peer.stream);
      if (before !== '') await peer.send(before);
      await peer.send(drop);
      for (let sent = 0; sent < 4; sent++) {
        clock.pass(249);
        t.false(peer.stream.destroyed);
        await peer.send(drop === '$' && who.includes('middle') ? 'm' : drop);
      }
      clock.pass(4);
      t.true(peer.stream.destroyed);
      t.false(server.attached);
    });
  });
}

test('whoever pays what it owes gets its time anew, and needs none while it owes nothing', async (t) => {
  await serving(async (server, { clock }) => {
    const peer = new Peer();
    server.serve(peer.stream);
    for (let sent = 0; sent < 10; sent++) {
      clock.pass(sent === 0 ? 0 : 900);
      // The end of one packet, and the beginning of the next.
      await peer.send(sent === 0 ? '$q' : 'C#b4+$q');
    }
    t.false(peer.stream.destroyed);
    await peer.send('C#b4+');
    t.is(clock.running, 0);
    clock.pass(1e9);
    t.false(peer.stream.destroyed);
    t.is(peer.answer.split('$QC1#c5').length - 1, 10);
  });
});

const REQUEST = (method: string): string =>
  `${method} / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n\r\n+${frame('QStartNoAckMode')}${frame('Z2,1000,4')}${frame('c')}`;

const STRANGERS = [
  ...['GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'CONNECT'].map(REQUEST),
  '\x16\x03\x01',
  '\n+',
  'SSH-2.0',
  ' $',
];

test('packets hidden in what no debugger sends first are not read, and nothing has happened', async (t) => {
  await serving(async (server, { notices, kernel }) => {
    for (const text of STRANGERS) {
      const peer = new Peer();
      server.serve(peer.stream);
      await peer.send(text);
      t.true(peer.stream.destroyed, text);
      t.is(peer.answer, '', text);
      t.false(server.attached);
      t.false(kernel.breakpoints.isUsed);
      t.regex(notices.at(-1) ?? '', /^a connection was refused: its first byte is 0x[0-9a-f]{2}/);
    }
    await setImmediate();
    t.is(kernel.machine.count, 0, 'the machine still waits for its first debugger');
  });
});

test('a debugger is attached with its first byte, not before; that byte wins no time for its first packet', async (t) => {
  for (const first of ['+', '-', '$', '\x03']) {
    await serving(async (server, { clock, notices }) => {
      const [silent, peer] = [new Peer(), new Peer()];
      server.serve(silent.stream);
      server.serve(peer.stream);
      clock.pass(900);
      t.false(server.attached);
      t.deepEqual(notices, []);
      await peer.send(first);
      t.true(server.attached, 'the one that has begun, not the one that came first');
      clock.pass(100);
      t.true(silent.stream.destroyed);
      t.true(peer.stream.destroyed);
      t.false(server.attached);
      await setImmediate();
      t.is(clock.running, 0);
    });
  }
});

test('of two that connect, the one that begins first is attached, and the other is told when it begins', async (t) => {
  await serving(async (server, { notices }) => {
    const [late, early] = [new Peer(), new Peer()];
    server.serve(late.stream);
    server.serve(early.stream);
    await early.send(`+${frame('qC')}`);
    t.is(early.answer, '+$QC1#c5');
    t.is(late.answer, '');
    await late.send(`+${frame('qC')}`);
    t.regex(late.answer, /^\+\$E\.another debugger is attached/);
    t.deepEqual(notices, ['a debugger is attached', 'another debugger was turned away: the port is busy']);
  });
});

test('every byte that a debugger can begin with is taken, and the busy port answers nobody else', async (t) => {
  for (const first of ['+', '-', '\x03', '']) {
    await serving(async (server) => {
      const peer = new Peer();
      server.serve(peer.stream);
      await peer.send(`${first}${frame('qC')}`);
      t.is(peer.answer, '+$QC1#c5');
      const [browser, second] = [new Peer(), new Peer()];
      server.serve(browser.stream);
      await browser.send(REQUEST('POST'));
      t.is(browser.answer, '');
      t.true(browser.stream.destroyed);
      server.serve(second.stream);
      await second.send(frame('qC'));
      t.regex(second.answer, /^\+\$E\.another debugger is attached/);
    });
  }
});
