import type { Duplex } from 'node:stream';
import { notADebugger } from './first-byte.js';
import type { Timer } from './timer.js';

/** What GDB is told of somebody else who is attached already. */
export const PORT_BUSY = 'another debugger is attached to this kernel: the port is busy until it detaches';

/** The answer to the first packet of a debugger that cannot attach, acknowledged; with a text, which GDB shows. */
function refusal(why: string): string {
  // None of the characters that mean something to the protocol.
  const payload = `E.${why.replaceAll(/[^ -~]|[$#}*]/g, ' ')}`;
  let sum = 0;
  for (let i = 0; i < payload.length; i++) sum += payload.charCodeAt(i);
  return `+$${payload}#${(sum & 0xff).toString(16).padStart(2, '0')}`;
}

/** Tells a debugger why it cannot attach, and lets it go; whoever is none is told nothing. */
export function turnAway(stream: Duplex, timeout: number, timer: Timer, why: string): void {
  stream.on('error', () => {});
  stream.once(
    'close',
    timer(timeout, () => stream.destroy()),
  );
  stream.once('data', (bytes: Uint8Array) => {
    if (notADebugger(bytes) === undefined) stream.end(refusal(why));
    else stream.destroy();
  });
}
