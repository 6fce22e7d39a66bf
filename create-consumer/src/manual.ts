/** Where what a consumer has to keep is explained. */
export const SECTION = 'docs/writing-a-consumer.md';

/** The body of a method that the author writes: an error that says what, and where it is explained. */
export function unwritten(what: string): string {
  return `unwritten(\n  '${what}',\n  '${SECTION}',\n);`;
}
