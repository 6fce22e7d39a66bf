/** True if a filter's table has nothing armed. A loop, because suites ask it thousands of times. */
export function isZero(table: Uint8Array): boolean {
  for (let i = 0; i < table.length; i++) if (table[i] !== 0) return false;
  return true;
}
