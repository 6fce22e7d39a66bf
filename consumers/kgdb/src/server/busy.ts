import type { Duplex } from 'node:stream';

/** The answer to the first packet of a debugger that comes too late, acknowledged; with a text, which GDB shows. */
const ANSWER = framed('E.another debugger is attached to this kernel: the port is busy until it detaches');

function framed(payload: string): string {
  let sum = 0;
  for (let i = 0; i < payload.length; i++) sum += payload.charCodeAt(i);
  return `+$${payload}#${(sum & 0xff).toString(16).padStart(2, '0')}`;
}

/** Tells a debugger that somebody else is attached, and lets it go. */
export function turnAway(stream: Duplex, timeout: number): void {
  stream.on('error', () => {});
  const timer = setTimeout(() => stream.destroy(), timeout).unref();
  stream.once('close', () => clearTimeout(timer));
  stream.once('data', () => stream.end(ANSWER));
}
