import { isPlain, same } from './same.js';

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && isPlain(value) && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
}

/** Of two plain objects the fields in which they differ; anything else as it is. */
export function difference(actual: unknown, expected: unknown): readonly [actual: unknown, expected: unknown] {
  const [a, b] = [fieldsOf(actual), fieldsOf(expected)];
  if (a === undefined || b === undefined) return [actual, expected];
  const names = [...new Set([...Object.keys(b), ...Object.keys(a)])].filter((name) => !same(a[name], b[name]));
  const only = (of: Fields) => Object.fromEntries(names.map((name) => [name, of[name]]));
  return [only(a), only(b)];
}
