import { format } from './format.js';
import { isPlain, same } from './same.js';

/** More are counted, not shown. */
const SHOWN = 4;
/** Lists of plain values that are short enough to be read as a whole. */
const SHORT = 8;

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= SHORT && value.every((item) => typeof item !== 'object');
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null && isPlain(value) && !isList(value);
}

/** What differs, as `expected ..., got ...`: of nested data where it does, and not all of it. */
export function difference(actual: unknown, expected: unknown): string {
  const found: string[] = [];
  collect(actual, expected, '', found);
  const more = found.length - SHOWN;
  return found.slice(0, SHOWN).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function collect(actual: unknown, expected: unknown, path: string, found: string[]): void {
  if (same(actual, expected)) return;
  if (!isNested(actual) || !isNested(expected) || Array.isArray(actual) !== Array.isArray(expected)) {
    found.push(`${path === '' ? '' : `${path}: `}expected ${format(expected)}, got ${format(actual)}`);
    return;
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const step = Array.isArray(expected) ? `[${key}]` : path === '' ? key : `.${key}`;
    collect(Reflect.get(actual, key), Reflect.get(expected, key), path + step, found);
  }
}
