import { harmless, utf8 } from '@hwbp/core';
import { PACKET_SIZE } from '../limits.js';
import type { Outbox } from '../outbox.js';
import type { ReplyWriter } from '../reply-writer.js';

/** Bytes of text in one `O` packet. */
const PIECE = PACKET_SIZE / 2 - 1;

/** Text for the debugger's console, in `O` packets. It prints it as it is: what a terminal obeys is written out. */
export function sendText(reply: ReplyWriter, outbox: Pick<Outbox, 'send'>, text: string): void {
  const output = utf8(harmless(text));
  for (let at = 0; at < output.length; at += PIECE) {
    reply.clear();
    reply.text('O');
    reply.hex(output.subarray(at, at + PIECE));
    outbox.send();
  }
}
