import { harmless, utf8 } from '@hwbp/core';
import { hexByte, latin1 } from '../hex.js';
import { PACKET_SIZE } from '../limits.js';
import type { Outbox } from '../outbox.js';
import type { ReplyWriter } from '../reply-writer.js';

/** Bytes of text in one `O` packet. */
const PIECE = PACKET_SIZE / 2 - 1;

/** Bytes as text: of UTF-8, or else each byte a character. */
export function textOf(bytes: Uint8Array): string {
  try {
    return decodeURIComponent(Array.from(bytes, (byte) => `%${hexByte(byte)}`).join(''));
  } catch {
    return latin1(bytes);
  }
}

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
