/** What a debugger's first byte can be: an acknowledgement, or the begin of a packet, or Ctrl-C. */
const FIRST_BYTES: ReadonlySet<number> = new Set([...'+-$\x03'].map((one) => one.charCodeAt(0)));

/**
 * Why whoever sends these bytes first is no debugger; `undefined`: it may be one. Requests of HTTP begin with a letter,
 * and so does whatever else a browser can be made to send; there may be packets further on.
 */
export function notADebugger([first]: Uint8Array): string | undefined {
  if (first === undefined || FIRST_BYTES.has(first)) return undefined;
  return `a connection was refused: its first byte is 0x${first.toString(16).padStart(2, '0')}, which no debugger sends; it may be a browser`;
}
