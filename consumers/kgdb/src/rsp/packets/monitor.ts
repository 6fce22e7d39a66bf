import { utf8 } from '@hwbp/core';
import { bytesOfHex, latin1 } from '../hex.js';
import { PACKET_SIZE } from '../limits.js';
import type { PacketFamily } from '../outcome.js';

/** Bytes of text in one `O` packet. */
const PIECE = PACKET_SIZE / 2 - 1;

/** qRcmd: what `monitor` sends. The output comes in `O` packets, then OK. */
export const monitorPackets: PacketFamily = {
  qRcmd(packet, stub) {
    const { monitor } = stub.target;
    if (monitor === undefined) return 'unsupported';
    const line = packet.rest.startsWith(',') ? bytesOfHex(packet.rest.slice(1)) : undefined;
    if (line === undefined) throw packet.malformed();
    const output = utf8(monitor.command(latin1(line), stub.refusal));
    for (let at = 0; at < output.length; at += PIECE) {
      stub.reply.text('O');
      stub.reply.hex(output.subarray(at, at + PIECE));
      stub.sendReply();
    }
    return 'ok';
  },
};
