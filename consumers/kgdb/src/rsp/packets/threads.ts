import { utf8 } from '@hwbp/core';
import { kgdbError } from '../../errors.js';
import type { PacketFamily } from '../outcome.js';
import type { Packet } from '../packet.js';
import type { ReplyWriter } from '../reply-writer.js';
import type { ExecutionPort, ThreadsPort } from '../target-port.js';
import { formatThread, parseThread } from '../thread-id.js';
import type { ThreadSelection } from '../thread-selection.js';

/** What packets about threads need. */
export interface ThreadNeeds {
  readonly reply: ReplyWriter;
  readonly threads: Pick<ThreadsPort, 'list' | 'exists'>;
  readonly execution: Pick<ExecutionPort, 'stop'>;
  readonly selection: Pick<ThreadSelection, 'general' | 'resume'>;
  /** What the debugger said that it understands. */
  readonly features: ReadonlySet<string>;
}

function threadOf(packet: Packet, digits: string): number {
  const thread = parseThread(digits);
  if (thread === undefined) throw packet.malformed();
  return thread;
}

function requireThread(threads: Pick<ThreadsPort, 'exists'>, thread: number): void {
  if (thread <= 0 || threads.exists(thread)) return;
  throw kgdbError('KGDB_NO_THREAD', `there is no thread ${thread}; info threads lists them`);
}

/** H, T, qC, qfThreadInfo, qThreadExtraInfo: who there is. */
export const threadPackets: PacketFamily<ThreadNeeds> = {
  H(packet, { threads, selection }) {
    const [operation, id = ''] = packet.fields(/^([gc])(.+)$/);
    const thread = threadOf(packet, id);
    requireThread(threads, thread);
    if (operation === 'g') selection.general = thread;
    else selection.resume = thread;
    return 'ok';
  },

  T(packet, { threads }) {
    const thread = threadOf(packet, packet.rest);
    if (thread <= 0) throw packet.malformed();
    requireThread(threads, thread);
    return 'ok';
  },

  qC(_packet, { reply, execution, features }) {
    const { stop } = execution;
    if (stop.kind !== 'stopped') return 'unsupported';
    reply.text(`QC${formatThread(stop.thread, features)}`);
    return 'written';
  },

  qfThreadInfo(_packet, { reply, threads, features }) {
    let separator = 'm';
    for (const { id } of threads.list()) {
      const text = `${separator}${formatThread(id, features)}`;
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

  qThreadExtraInfo(packet, { reply, threads }) {
    const thread = threadOf(packet, packet.rest.slice(1));
    requireThread(threads, thread);
    const info = threads.list().find(({ id }) => id === thread);
    if (info === undefined) throw packet.malformed();
    reply.hex(utf8(info.name));
    return 'written';
  },
};
