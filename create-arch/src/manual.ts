/** A section of the manual, as the messages of what is to be written name it. */
export function section(number: number): string {
  return `docs/writing-a-backend.md, section ${number}`;
}

/** The body of a method that the author writes: an error that says what, and where it is explained. */
export function unwritten(what: string, number: number): string {
  return `unwritten(\n  '${what}',\n  '${section(number)}',\n);`;
}
