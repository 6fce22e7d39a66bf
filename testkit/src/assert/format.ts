/** A value as a failure's message shows it: addresses in hexadecimal, short objects written out. */
export function format(value: unknown, depth = 2): string {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return `function ${value.name}`;
  if (value instanceof Error) return `${value.name} "${value.message}"`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth === 0) return Array.isArray(value) ? '[...]' : '{...}';
  if (Array.isArray(value)) return `[${value.map((item) => format(item, depth - 1)).join(', ')}]`;
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${format(field, depth - 1)}`);
  return `{ ${fields.join(', ')} }`;
}
