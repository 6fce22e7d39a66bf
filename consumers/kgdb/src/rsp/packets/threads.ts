import { utf8 } from '@hwbp/core';
import { kgdbError } from '../../errors.js';
import type { PacketFamily } from '../outcome.js';
import type { Packet } from '../packet.js';
import type { Stub } from '../stub.js';
import { parseThread } from '../thread-id.js';

function threadOf(packet: Packet, digits: string): number {
  const thread = parseThread(digits);
  if (thread === undefined) throw packet.malformed();
  return thread;
}

function requireThread({ target }: Stub, thread: number): void {
  if (thread <= 0 || target.threads.exists(thread)) return;
  throw kgdbError('KGDB_NO_THREAD', `there is no thread ${thread}; info threads lists them`);
}

/** H, T, qC, qfThreadInfo, qThreadExtraInfo: who there is. */
export const threadPackets: PacketFamily = {
  H(packet, stub) {
    const [operation, id = ''] = packet.fields(/^([gc])(.+)$/);
    const thread = threadOf(packet, id);
    requireThread(stub, thread);
    if (operation === 'g') stub.generalThread = thread;
    else stub.resumeThread = thread;
    return 'ok';
  },

  T(packet, stub) {
    const thread = threadOf(packet, packet.rest);
    if (thread <= 0) throw packet.malformed();
    requireThread(stub, thread);
    return 'ok';
  },

  qC(_packet, { reply, target }) {
    const { stop } = target.execution;
    if (stop.kind !== 'stopped') return 'unsupported';
    reply.text(`QC${stop.thread.toString(16)}`);
    return 'written';
  },

  qfThreadInfo(_packet, { reply, target }) {
    let separator = 'm';
    for (const { id } of target.threads.list()) {
      const text = `${separator}${id.toString(16)}`;
      if (text.length > reply.room) break;
      reply.text(text);
      separator = ',';
    }
    if (separator === 'm') reply.text('l');
    return 'written';
  },

  qsThreadInfo(_packet, { reply }) {
    reply.text('l');
    return 'written';
  },

  qThreadExtraInfo(packet, stub) {
    const thread = threadOf(packet, packet.rest.slice(1));
    requireThread(stub, thread);
    const info = stub.target.threads.list().find(({ id }) => id === thread);
    if (info === undefined) throw packet.malformed();
    stub.reply.hex(utf8(info.name));
    return 'written';
  },
};
