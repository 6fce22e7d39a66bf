/** What GDB is told of somebody else who is attached already. */
export const PORT_BUSY = 'another debugger is attached to this kernel: the port is busy until it detaches';

/** The answer to the first packet of a debugger that cannot attach, acknowledged; with a text, which GDB shows. */
export function refusal(why: string): Uint8Array {
  // None of the characters that mean something to the protocol.
  const payload = `E.${why.replaceAll(/[^ -~]|[$#}*]/g, ' ')}`;
  let sum = 0;
  for (let i = 0; i < payload.length; i++) sum += payload.charCodeAt(i);
  return Buffer.from(`+$${payload}#${(sum & 0xff).toString(16).padStart(2, '0')}`, 'latin1');
}
