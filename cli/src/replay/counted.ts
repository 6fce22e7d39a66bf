/** A number with its thousands apart. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 hit`, `2 hits`. */
export function counted(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? '' : 's'}`;
}
