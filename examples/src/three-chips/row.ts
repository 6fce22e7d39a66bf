/** Characters of a table's first column, and of each other one. */
const FIRST = 40;
const OTHERS = 14;

/** A line of a table. */
export const row = (what: string, cells: readonly (string | number)[]): string =>
  what.padEnd(FIRST) + cells.map((cell) => String(cell).padStart(OTHERS)).join('');
