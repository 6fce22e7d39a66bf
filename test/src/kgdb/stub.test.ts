import { ERRNO, KernelError } from '@hwbp/core';
import { type PointOutcome, Stub, type TargetPort } from '@hwbp/kgdb';
import test from 'ava';
import { bytesOf, frame, hexOf, payloads } from './client.js';

const THREAD = { id: 1, name: 'caf\u00e9 \ud83d', cpu: 0 };

/** A target that is no kernel: one thread that stands. */
function targetWith(optional: Pick<TargetPort, 'points' | 'monitor'> = {}): TargetPort {
  return {
    threads: {
      list: () => [THREAD],
      info: (id) => (id === THREAD.id ? THREAD : undefined),
      exists: (id) => id === THREAD.id,
      cpuOf: () => 0,
    },
    registers: {
      description: {
        xml: '<target/>',
        registers: [{ name: 'pc', bits: 16 }],
        byteOrder: 'big',
        counter: 0,
        expedited: [0],
      },
      read: () => 0x1234n,
      write: () => {},
    },
    memory: { read: (_thread, _address, length) => new Uint8Array(length), write: () => {} },
    execution: {
      stop: { kind: 'stopped', signal: 5, thread: 1 },
      resume: () => {},
      interrupt: () => {},
      onStop: () => {},
      bias: undefined,
    },
    ...optional,
  };
}

/** What a packet is answered with: `O` packets come first, a space behind each. */
function asker(target: TargetPort, notices: string[] = []): (payload: string) => string {
  let sent = '';
  const stub = new Stub(target, {
    send: (bytes) => {
      sent += String.fromCharCode(...bytes);
    },
    full: () => false,
    detached: () => {},
    notice: (text) => notices.push(text),
  });
  return (payload) => {
    sent = '';
    stub.receive(bytesOf(frame(payload)));
    const answers = payloads(sent);
    return answers.length === 0 ? 'silence' : answers.join(' ');
  };
}

test('a target of its own needs no kernel: threads, registers, memory and how it stands', (t) => {
  const ask = asker(targetWith());
  t.is(ask('?'), 'T050:1234;thread:1;core:0;');
  t.is(ask('g'), '1234');
  t.is(ask('m0,2'), '0000');
  t.is(ask('qOffsets'), 'Text=0;Data=0;Bss=0', 'where it was linked: lldb resolves no breakpoint before it knows');
  t.is(ask('qXfer:features:read:target.xml:0,100'), 'l<target/>');
  const written = 'UTF-8; half a character is written out, as all that terminals do not show (visible of @hwbp/core)';
  t.is(ask('qThreadExtraInfo,1'), hexOf('caf\u00c3\u00a9 \\ud83d'), written);
});

test('a capability that a target lacks as a whole is answered with nothing', (t) => {
  const ask = asker(targetWith());
  for (const packet of ['Z0,0,1', 'z2,0,4', `qRcmd,${hexOf('why')}`]) t.is(ask(packet), '', packet);
});

test('points have three outcomes, the same for both directions: done, unsupported with a reason, refused', (t) => {
  const outcomeOf = (type: number): PointOutcome => {
    if (type === 2) return 'ok';
    if (type === 3) return { unsupported: 'nobody watches reads' };
    throw new KernelError('FULL', 'ENOSPC', 'every point is taken');
  };
  const notices: string[] = [];
  const refusals: (string | undefined)[] = [];
  const monitor = {
    command: (_line: string, refusal: string | undefined) => {
      refusals.push(refusal);
      return '';
    },
  };
  const points = { insert: outcomeOf, remove: outcomeOf, clear: () => {} };
  const ask = asker(targetWith({ points, monitor }), notices);
  const why = (): string | undefined => {
    t.is(ask(`qRcmd,${hexOf('why')}`), 'OK');
    return refusals.at(-1);
  };
  t.is(why(), undefined);
  for (const packet of ['Z', 'z']) {
    t.is(ask(`${packet}2,0,4`), 'OK');
    t.is(ask(`${packet}3,0,4`), '', packet);
    t.is(why(), 'nobody watches reads');
    t.is(ask(`${packet}4,0,4`), `E${ERRNO.ENOSPC.toString(16)}`);
    t.is(why(), 'ENOSPC: every point is taken');
  }
  t.deepEqual(notices, Array(2).fill('refused: ENOSPC: every point is taken'), 'what is unsupported is no news');
});

test('an errno that two digits cannot say is EOPNOTSUPP', (t) => {
  const refuse = (): never => {
    throw new KernelError('ODD', 'ENOTSUPP', 'not so');
  };
  const ask = asker(targetWith({ points: { insert: refuse, remove: refuse, clear: () => {} } }));
  t.is(ask('Z2,0,4'), `E${ERRNO.EOPNOTSUPP.toString(16)}`);
});

test('what a monitor says goes out in UTF-8', (t) => {
  const ask = asker(targetWith({ monitor: { command: () => '\u2192' } }));
  t.is(ask(`qRcmd,${hexOf('x')}`), `O${hexOf('\u00e2\u0086\u0092')} OK`);
});
