/** The beginning of a line, for people. */
export function printable(bytes: Uint8Array, from: number, to: number): string {
  const text = String.fromCharCode(...bytes.subarray(from, Math.min(to, from + 80)));
  return text.replace(/[^ -~]+$/, '').replaceAll(/[^ -~]/g, '?');
}
