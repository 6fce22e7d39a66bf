import { harmless, utf8 } from '@hwbp/core';
import { bytesOfHex, latin1 } from '../hex.js';
import { PACKET_SIZE } from '../limits.js';
import type { Outbox } from '../outbox.js';
import type { PacketFamily } from '../outcome.js';
import type { ReplyWriter } from '../reply-writer.js';
import type { MonitorPort } from '../target-port.js';

/** Bytes of text in one `O` packet. */
const PIECE = PACKET_SIZE / 2 - 1;

/** What the packet of `monitor` needs. */
export interface MonitorNeeds {
  readonly reply: ReplyWriter;
  readonly outbox: Pick<Outbox, 'send'>;
  readonly monitor: MonitorPort | undefined;
  /** Why the latest refusal was one. */
  refusal(): string | undefined;
}

/** qRcmd: what `monitor` sends. The output comes in `O` packets, then OK. */
export const monitorPackets: PacketFamily<MonitorNeeds> = {
  qRcmd(packet, { reply, outbox, monitor, refusal }) {
    if (monitor === undefined) return 'unsupported';
    const line = packet.rest.startsWith(',') ? bytesOfHex(packet.rest.slice(1)) : undefined;
    if (line === undefined) throw packet.malformed();
    // GDB prints it as it is: names of tasks and symbols are somebody else's.
    const output = utf8(harmless(monitor.command(latin1(line), refusal())));
    for (let at = 0; at < output.length; at += PIECE) {
      reply.text('O');
      reply.hex(output.subarray(at, at + PIECE));
      outbox.send();
    }
    return 'ok';
  },
};
