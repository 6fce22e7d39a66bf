import { utf8 } from '@hwbp/core';
import type { PacketFamily } from '../outcome.js';
import type { ReplyWriter } from '../reply-writer.js';
import type { RegistersPort, ThreadsPort } from '../target-port.js';
import { formatThread } from '../thread-id.js';

/** What packets that transfer documents need. */
export interface TransferNeeds {
  readonly reply: ReplyWriter;
  readonly threads: Pick<ThreadsPort, 'list'>;
  readonly registers: Pick<RegistersPort, 'description'>;
  /** What the debugger said that it understands. */
  readonly features: ReadonlySet<string>;
}

function escapeXml(text: string): string {
  return text.replaceAll(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function threadsXml({ threads, features }: TransferNeeds): string {
  const elements = threads
    .list()
    .map(({ id, name, cpu }) => `<thread id="${formatThread(id, features)}" core="${cpu}" name="${escapeXml(name)}"/>`);
  return `<?xml version="1.0"?><threads>${elements.join('')}</threads>`;
}

/** What can be read, by object and annex. */
const OBJECTS: Readonly<Record<string, (needs: TransferNeeds) => string>> = {
  'features:target.xml': ({ registers }) => registers.description.xml,
  'threads:': threadsXml,
};

/** qXfer: documents that may be longer than a packet. */
export const transferPackets: PacketFamily<TransferNeeds> = {
  qXfer(packet, needs) {
    const match = /^:([^:]*):read:([^:]*):([0-9a-f]{1,8}),([0-9a-f]{1,8})$/i.exec(packet.rest);
    if (match === null) return 'unsupported';
    const [, object = '', annex = '', offset = '', length = ''] = match;
    const name = `${object}:${annex}`;
    const document = Object.hasOwn(OBJECTS, name) ? OBJECTS[name]?.(needs) : undefined;
    const { reply } = needs;
    if (document === undefined) {
      if (!['features', 'threads'].includes(object)) return 'unsupported';
      // E00: the annex is wrong.
      reply.text('E00');
      return 'written';
    }
    const bytes = utf8(document);
    const from = Number.parseInt(offset, 16);
    const part = bytes.subarray(from, from + Number.parseInt(length, 16));
    const kept = fitting(reply, part);
    reply.text(from + kept < bytes.length ? 'm' : 'l');
    reply.binary(part.subarray(0, kept));
    return 'written';
  },
};

/** How many of the bytes fit into the reply behind its first letter. */
function fitting(reply: ReplyWriter, bytes: Uint8Array): number {
  reply.text('m');
  const kept = reply.binary(bytes);
  reply.clear();
  return kept;
}
