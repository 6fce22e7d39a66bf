/** A value of a transcript: JSON, with integers that a number cannot hold as bigints. */
export type Value = string | number | bigint | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** One step of a script: its op, arguments and results. */
export type Step = { readonly op: string } & { readonly [key: string]: Value };

/** One recorded script, or one that our kernel played. */
export interface Script {
  /** Name of the architecture in whose format it is written, such as `x86`. */
  readonly format: string;
  readonly suite: string;
  readonly id: string;
  /** What the script says besides: x86's `setup`; ppc64's `cfg` and `seed`, and its `id` as it was written. */
  readonly setup: { readonly [key: string]: Value };
  readonly steps: readonly Step[];
}

/** A value for messages and reports. */
export function showValue(value: unknown): string {
  if (value === undefined) return '(absent)';
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
}
