import { bytesOfHex, latin1 } from '../hex.js';
import type { Outbox } from '../outbox.js';
import type { PacketFamily } from '../outcome.js';
import type { ReplyWriter } from '../reply-writer.js';
import type { MonitorPort } from '../target-port.js';
import { sendText } from './console-text.js';

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
    sendText(reply, outbox, monitor.command(latin1(line), refusal()));
    return 'ok';
  },
};
