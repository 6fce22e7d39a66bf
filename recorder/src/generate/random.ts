/** A table of choices, each with its weight. */
export type Weighted<T> = readonly (readonly [weight: number, value: T])[];

/** Seeded random numbers (mulberry32): the same seed gives the same sequence on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 random bits. */
  bits(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + (this.bits() % (most - least + 1));
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.bits() % 100 < percent;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.bits() % choices.length] ?? choices[0];
  }

  /** One of a list that may be empty. */
  oneOf<T>(choices: readonly T[]): T | undefined {
    return choices.length === 0 ? undefined : choices[this.bits() % choices.length];
  }

  weighted<T>(table: Weighted<T>): T {
    const total = table.reduce((sum, [weight]) => sum + weight, 0);
    let left = this.bits() % total;
    for (const [weight, value] of table) {
      if (left < weight) return value;
      left -= weight;
    }
    throw new RangeError('a table of choices without weight');
  }

  /** Some of a list, in its order: each in `percent` of 100 cases. */
  some<T>(percent: number, choices: readonly T[]): T[] {
    return choices.filter(() => this.chance(percent));
  }
}

/** A seed of 32 bits from a text: FNV-1a. */
export function seedOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193) >>> 0;
  return hash;
}
