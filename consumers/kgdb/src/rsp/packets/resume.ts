import type { ResumePlan } from '../../target/port.js';
import type { Outcome, PacketFamily } from '../outcome.js';
import type { Packet } from '../packet.js';
import type { Stub } from '../stub.js';
import { parseThread } from '../thread-id.js';

/** The thread that `c` and `s` mean: that of `Hc`, or the one that stopped. */
function resumeSubject(stub: Stub): number {
  const { stop } = stub.target.execution;
  if (stub.resumeThread > 0 && stub.target.threads.exists(stub.resumeThread)) return stub.resumeThread;
  return stop.kind === 'stopped' ? stop.thread : 0;
}

/** A new program counter, if the packet names one. */
function moveTo(packet: Packet, digits: string, stub: Stub): void {
  if (digits === '') return;
  if (!/^[0-9a-f]{1,16}$/i.test(digits)) throw packet.malformed();
  const { registers } = stub.target;
  registers.write(resumeSubject(stub), registers.description.counter, BigInt(`0x${digits}`));
}

function proceed(packet: Packet, address: string, stub: Stub): Outcome {
  moveTo(packet, address, stub);
  const only = stub.resumeThread > 0 ? { threads: [resumeSubject(stub)] } : {};
  return stub.resume(only);
}

function step(packet: Packet, address: string, stub: Stub): Outcome {
  moveTo(packet, address, stub);
  return stub.resume({ step: { thread: resumeSubject(stub), start: 0n, end: 0n } });
}

/** `SIG` or `SIG;ADDR`. A signal is for programs; a kernel takes none from its debugger. */
function withoutSignal(packet: Packet): string {
  const [, address = ''] = packet.fields(/^([0-9a-f]{2})(?:;([0-9a-f]{1,16}))?$/i);
  return address;
}

/** One action of vCont, and the threads that it is for. */
interface Action {
  readonly kind: string;
  readonly start: bigint;
  readonly end: bigint;
  /** -1: all that no action before it was for. */
  readonly thread: number;
}

const ACTION = /^([cs]|[CS][0-9a-f]{2}|r([0-9a-f]{1,16}),([0-9a-f]{1,16}))(?::(.+))?$/i;

function parseActions(packet: Packet): readonly Action[] {
  if (!packet.rest.startsWith(';')) throw packet.malformed();
  return packet.rest
    .slice(1)
    .split(';')
    .map((text) => {
      const match = ACTION.exec(text);
      const thread = match?.[4] === undefined ? -1 : parseThread(match[4]);
      if (match === null || thread === undefined) throw packet.malformed();
      const [, kind = '', start = '0', end = '0'] = match;
      return { kind: (kind[0] ?? '').toLowerCase(), start: BigInt(`0x${start}`), end: BigInt(`0x${end}`), thread };
    });
}

/** The leftmost action that names a thread is the one for it. A step comes first: whoever else may go on, goes on after it. */
function planOf(actions: readonly Action[], stub: Stub): ResumePlan {
  const stepping = actions.find(({ kind }) => kind !== 'c');
  const everybody = actions.find(({ thread }) => thread === -1);
  if (stepping !== undefined) {
    const thread = stepping.thread > 0 ? stepping.thread : resumeSubject(stub);
    return { step: { thread, start: stepping.start, end: stepping.end } };
  }
  if (everybody !== undefined) return {};
  return { threads: actions.map(({ thread }) => (thread === 0 ? resumeSubject(stub) : thread)) };
}

/** c, C, s, S, vCont: going on. The answer is the next stop. */
export const resumePackets: PacketFamily = {
  c: (packet, stub) => proceed(packet, packet.rest, stub),
  C: (packet, stub) => proceed(packet, withoutSignal(packet), stub),
  s: (packet, stub) => step(packet, packet.rest, stub),
  S: (packet, stub) => step(packet, withoutSignal(packet), stub),

  'vCont?'(_packet, { reply }) {
    reply.text('vCont;c;C;s;S;r');
    return 'written';
  },

  vCont: (packet, stub) => stub.resume(planOf(parseActions(packet), stub)),
};
