import { utf8, visible } from '@hwbp/core';
import { kgdbError } from '../../errors.js';
import type { PacketFamily } from '../outcome.js';
import type { Packet } from '../packet.js';
import type { ReplyWriter } from '../reply-writer.js';
import type { ExecutionPort, ThreadsPort } from '../target-port.js';
import type { ThreadNames } from '../thread-id.js';
import type { ThreadSelection } from '../thread-selection.js';

/** What packets about threads need. */
export interface ThreadNeeds {
  readonly reply: ReplyWriter;
  readonly threads: Pick<ThreadsPort, 'list' | 'info' | 'exists'>;
  readonly execution: Pick<ExecutionPort, 'stop'>;
  readonly selection: Pick<ThreadSelection, 'general' | 'resume'>;
  readonly names: Pick<ThreadNames, 'parseThread' | 'format'>;
}

function threadOf(packet: Packet, digits: string, { names }: Pick<ThreadNeeds, 'names'>): number {
  const thread = names.parseThread(digits);
  if (thread === undefined) throw packet.malformed();
  return thread;
}

function requireThread(threads: Pick<ThreadsPort, 'exists'>, thread: number): void {
  if (thread <= 0 || threads.exists(thread)) return;
  throw kgdbError('KGDB_NO_THREAD', `there is no thread ${thread}; info threads lists them`);
}

/** H, T, qC, qfThreadInfo, qThreadExtraInfo: who there is. */
export const threadPackets: PacketFamily<ThreadNeeds> = {
  H(packet, needs) {
    const { threads, selection } = needs;
    const [operation, id = ''] = packet.fields(/^([gc])(.+)$/);
    const thread = threadOf(packet, id, needs);
    requireThread(threads, thread);
    if (operation === 'g') selection.general = thread;
    else selection.resume = thread;
    return 'ok';
  },

  T(packet, needs) {
    const { threads } = needs;
    const thread = threadOf(packet, packet.rest, needs);
    if (thread <= 0) throw packet.malformed();
    requireThread(threads, thread);
    return 'ok';
  },

  qC(_packet, { reply, execution, names }) {
    const { stop } = execution;
    if (stop.kind !== 'stopped') return 'unsupported';
    reply.text(`QC${names.format(stop.thread)}`);
    return 'written';
  },

  qfThreadInfo(_packet, { reply, threads, names }) {
    let separator = 'm';
    for (const { id } of threads.list()) {
      const text = `${separator}${names.format(id)}`;
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

  qThreadExtraInfo(packet, needs) {
    const { reply, threads } = needs;
    const thread = threadOf(packet, packet.rest.slice(1), needs);
    requireThread(threads, thread);
    const info = threads.info === undefined ? threads.list().find(({ id }) => id === thread) : threads.info(thread);
    if (info === undefined) throw packet.malformed();
    // GDB prints it as it is.
    reply.hex(utf8(visible(info.name)));
    return 'written';
  },
};
