/** Makes the error of a misuse: a TypeError, unless somebody has one of their own. */
export type MisuseError = (message: string) => Error;

/** What an argument may be: in words, for the message, and as a test. */
export interface Kind {
  /** As it goes on behind `<name> is`. */
  readonly what: string;
  is(value: unknown): boolean;
}

const typeError: MisuseError = (message) => new TypeError(message);

/** A kind of value of your own. */
export function kind(what: string, is: (value: unknown) => boolean): Kind {
  return Object.freeze({ what, is });
}

/** True or false. */
export const FLAG: Kind = kind('true or false', (value) => typeof value === 'boolean');
export const TEXT: Kind = kind('a string', (value) => typeof value === 'string');
export const FUNCTION: Kind = kind('a function', (value) => typeof value === 'function');

/** An address of 64 bits. */
export const ADDRESS: Kind = kind(
  'a bigint of 64 bits, such as 0x1000n',
  (value) => typeof value === 'bigint' && value >= 0n && value < 1n << 64n,
);

/** A whole number of a range; without `most` there is no end to it. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): Kind {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  return kind(
    `a whole number ${range}`,
    (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
  );
}

/** One of these values. */
export function oneOf(...values: readonly (string | number)[]): Kind {
  const shown = values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value)));
  const what = [shown.slice(0, -1).join(', '), ...shown.slice(-1)].filter((text) => text !== '').join(' or ');
  return kind(what, (value) => values.includes(value as string));
}

/** An object with these methods; `what` shows how they are written. */
export function objectWith(what: string, ...methods: readonly string[]): Kind {
  return kind(what, (value) => {
    if (typeof value !== 'object' || value === null) return false;
    return methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
  });
}

/** A value as a message shows it. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return `the function ${value.name || 'without a name'}`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/** Throws a TypeError that names what is not of its kind, `undefined` included. */
export function requireKind(name: string, value: unknown, { what, is }: Kind, error: MisuseError = typeError): void {
  if (!is(value)) throw error(`${name} is ${what}, got ${shown(value)}`);
}

/**
 * Throws a TypeError for an option that there is not, and for one that is not of its kind; `undefined` stands for the
 * default. `owner`: what has the options.
 */
export function checkOptions(
  owner: string,
  options: unknown,
  kinds: Readonly<Record<string, Kind>>,
  error: MisuseError = typeError,
): void {
  if (typeof options !== 'object' || options === null) {
    throw error(`the options of ${owner} are an object, got ${shown(options)}`);
  }
  for (const [name, value] of Object.entries(options)) {
    const known = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (known === undefined) throw error(`${owner} has no option '${name}'; it has ${Object.keys(kinds).join(', ')}`);
    if (value !== undefined) requireKind(name, value, known, error);
  }
}
