import { utf8 } from '@hwbp/core';
import type { PacketFamily } from '../outcome.js';
import type { Stub } from '../stub.js';

function escapeXml(text: string): string {
  return text.replaceAll(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function threadsXml({ target }: Stub): string {
  const threads = target.threads
    .list()
    .map(({ id, name, cpu }) => `<thread id="${id.toString(16)}" core="${cpu}" name="${escapeXml(name)}"/>`);
  return `<?xml version="1.0"?><threads>${threads.join('')}</threads>`;
}

/** What can be read, by object and annex. */
const OBJECTS: Readonly<Record<string, (stub: Stub) => string>> = {
  'features:target.xml': ({ target }) => target.registers.description.xml,
  'threads:': threadsXml,
};

/** qXfer: documents that may be longer than a packet. */
export const transferPackets: PacketFamily = {
  qXfer(packet, stub) {
    const match = /^:([^:]*):read:([^:]*):([0-9a-f]{1,8}),([0-9a-f]{1,8})$/i.exec(packet.rest);
    if (match === null) return 'unsupported';
    const [, object = '', annex = '', offset = '', length = ''] = match;
    const name = `${object}:${annex}`;
    const document = Object.hasOwn(OBJECTS, name) ? OBJECTS[name]?.(stub) : undefined;
    if (document === undefined) {
      if (!['features', 'threads'].includes(object)) return 'unsupported';
      // E00: the annex is wrong.
      stub.reply.text('E00');
      return 'written';
    }
    const bytes = utf8(document);
    const from = Number.parseInt(offset, 16);
    const part = bytes.subarray(from, from + Number.parseInt(length, 16));
    const { reply } = stub;
    const kept = fitting(stub, part);
    reply.text(from + kept < bytes.length ? 'm' : 'l');
    reply.binary(part.subarray(0, kept));
    return 'written';
  },
};

/** How many of the bytes fit into the reply behind its first letter. */
function fitting({ reply }: Stub, bytes: Uint8Array): number {
  reply.text('m');
  const kept = reply.binary(bytes);
  reply.clear();
  return kept;
}
