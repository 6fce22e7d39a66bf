/** A thread-id of the protocol: hexadecimal, 0 any, -1 all. `undefined` if it is none. */
export function parseThread(text: string): number | undefined {
  if (text === '-1') return -1;
  return /^[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : undefined;
}
