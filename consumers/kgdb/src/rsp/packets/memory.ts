import { kgdbError } from '../../errors.js';
import { bytesOfHex } from '../hex.js';
import { MOST_MEMORY } from '../limits.js';
import type { PacketFamily } from '../outcome.js';
import type { Packet } from '../packet.js';
import type { ReplyWriter } from '../reply-writer.js';
import type { MemoryPort } from '../target-port.js';
import type { ThreadSelection } from '../thread-selection.js';

/** What packets about memory need. */
export interface MemoryNeeds {
  readonly reply: ReplyWriter;
  readonly memory: MemoryPort;
  readonly selection: Pick<ThreadSelection, 'subject'>;
}

/** `ADDR,LENGTH:` and what is to be written. */
function writeFields(packet: Packet): { address: bigint; length: number; data: string } {
  const [address = '', length = '', data = ''] = packet.fields(/^([0-9a-f]{1,16}),([0-9a-f]{1,8}):(.*)$/is);
  return { address: BigInt(`0x${address}`), length: Number.parseInt(length, 16), data };
}

/** m, M, X: memory as the selected thread sees it. */
export const memoryPackets: PacketFamily<MemoryNeeds> = {
  m(packet, { reply, memory, selection }) {
    const [address = '', length = ''] = packet.fields(/^([0-9a-f]{1,16}),([0-9a-f]{1,8})$/i);
    const most = Math.min(Number.parseInt(length, 16), MOST_MEMORY);
    const bytes = memory.read(selection.subject(), BigInt(`0x${address}`), most);
    // An empty answer would say that there is no such packet.
    if (bytes.length === 0 && most > 0) throw kgdbError('KGDB_BAD_ADDRESS', `nothing can be read at 0x${address}`);
    reply.hex(bytes.length > most ? bytes.subarray(0, most) : bytes);
    return 'written';
  },

  M(packet, { memory, selection }) {
    const { address, length, data } = writeFields(packet);
    const bytes = bytesOfHex(data);
    if (bytes?.length !== length) throw packet.malformed();
    memory.write(selection.subject(), address, bytes);
    return 'ok';
  },

  /** With a length of 0 it only asks whether there is such a packet. */
  X(packet, { memory, selection }) {
    const { address, length, data } = writeFields(packet);
    if (data.length !== length) throw packet.malformed();
    const bytes = Uint8Array.from(data, (character) => character.charCodeAt(0));
    memory.write(selection.subject(), address, bytes);
    return 'ok';
  },
};
