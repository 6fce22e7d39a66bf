import { utf8 } from '@hwbp/core';
import type { PacketFamily } from '../outcome.js';
import type { ReplyWriter } from '../reply-writer.js';
import type { AuxvPort, RegistersPort, SignalsPort, ThreadsPort } from '../target-port.js';
import type { ThreadNames } from '../thread-id.js';
import type { ThreadSelection } from '../thread-selection.js';

/** What packets that transfer documents need. */
export interface TransferNeeds {
  readonly reply: ReplyWriter;
  readonly threads: Pick<ThreadsPort, 'list'>;
  readonly registers: Pick<RegistersPort, 'description'>;
  readonly selection: Pick<ThreadSelection, 'subject'>;
  readonly signals: SignalsPort | undefined;
  readonly auxv: AuxvPort | undefined;
  readonly names: Pick<ThreadNames, 'format'>;
  readonly latest: LatestDocument;
}

/** The document that is being read in pieces: it is made when its beginning is read, and the pieces fit together. */
export class LatestDocument {
  #name: string | undefined;
  #bytes: Uint8Array | undefined;

  /** The bytes of a document of which a piece is read from an offset on. */
  from(name: string, offset: number, make: () => Uint8Array | undefined): Uint8Array | undefined {
    if (offset === 0 || this.#name !== name) {
      this.#name = name;
      this.#bytes = make();
    }
    return this.#bytes;
  }

  /** It is not true any more. */
  clear(): void {
    this.#name = undefined;
    this.#bytes = undefined;
  }
}

function escapeXml(text: string): string {
  return text.replaceAll(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function threadsXml({ threads, names }: TransferNeeds): string {
  const elements = threads
    .list()
    .map(({ id, name, cpu }) => `<thread id="${names.format(id)}" core="${cpu}" name="${escapeXml(name)}"/>`);
  return `<?xml version="1.0"?><threads>${elements.join('')}</threads>`;
}

type Reader = (annex: string, needs: TransferNeeds) => Uint8Array | undefined;

/** What can be read, by object: `undefined` for an annex that there is not. */
const OBJECTS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['features', (annex, { registers }) => (annex === 'target.xml' ? utf8(registers.description.xml) : undefined)],
  ['threads', (annex, needs) => (annex === '' ? utf8(threadsXml(needs)) : undefined)],
  ['auxv', (annex, { auxv }) => (annex === '' ? auxv?.read() : undefined)],
  ['siginfo', (annex, { signals, selection }) => (annex === '' ? signals?.info(selection.subject()) : undefined)],
]);

/** True for what the target has not got at all. */
function isLacking(object: string, { signals, auxv }: TransferNeeds): boolean {
  return (object === 'siginfo' && signals === undefined) || (object === 'auxv' && auxv === undefined);
}

/** qXfer: documents that may be longer than a packet. */
export const transferPackets: PacketFamily<TransferNeeds> = {
  qXfer(packet, needs) {
    const match = /^:([^:]*):read:([^:]*):([0-9a-f]{1,8}),([0-9a-f]{1,8})$/i.exec(packet.rest);
    const [, object = '', annex = '', offset = '', length = ''] = match ?? [];
    const read = OBJECTS.get(object);
    if (read === undefined || isLacking(object, needs)) return 'unsupported';
    const from = Number.parseInt(offset, 16);
    const { reply, latest } = needs;
    const bytes = latest.from(`${object}:${annex}`, from, () => read(annex, needs));
    if (bytes === undefined) {
      // E00: the annex is wrong, or there is nothing.
      reply.text('E00');
      return 'written';
    }
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
