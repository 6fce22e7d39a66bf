/** One field of a register, decoded. */
export interface FieldView {
  /** The manual's name. */
  readonly name: string;
  /** `7` or `19:16`. */
  readonly bits: string;
  /** In hexadecimal, without leading zeroes. */
  readonly value: string;
  /** What this value means. */
  readonly meaning: string;
}

/** One register of a CPU, decoded bit by bit. */
export interface RegisterView {
  /** The manual's name. */
  readonly name: string;
  /** In hexadecimal, all digits. */
  readonly value: string;
  /** What it is for. */
  readonly meaning: string;
  /** The manual and its section. */
  readonly manual: string;
  /** From the highest bit down. */
  readonly fields: readonly FieldView[];
}

/** A field as a manual's table has it. */
export interface FieldLayout {
  readonly name: string;
  /** Its lowest bit. */
  readonly low: number;
  /** Bits; default 1. */
  readonly width?: number;
  /** What a value of it means. */
  says(value: number | bigint): string;
}

/** A register as a manual has it. */
export interface RegisterLayout {
  readonly name: string;
  readonly meaning: string;
  readonly manual: string;
  /** Default 64. */
  readonly bits?: 32 | 64;
  readonly fields: readonly FieldLayout[];
}

/** A field of one bit: what it means if it is set, and if it is not. */
export function flag(name: string, low: number, set: string, clear: string): FieldLayout {
  return { name, low, says: (value) => (BigInt(value) === 0n ? clear : set) };
}

/** A field whose values have names. */
export function choice(name: string, low: number, width: number, values: readonly string[]): FieldLayout {
  return { name, low, width, says: (value) => values[Number(value)] ?? 'reserved' };
}

/** Decodes a value by its layout. */
export function decode({ name, meaning, manual, bits = 64, fields }: RegisterLayout, value: bigint): RegisterView {
  return {
    name,
    value: `0x${value.toString(16).padStart(bits / 4, '0')}`,
    meaning,
    manual,
    fields: [...fields]
      .sort((a, b) => b.low - a.low)
      .map(({ name: field, low, width = 1, says }) => {
        const of = BigInt.asUintN(width, value >> BigInt(low));
        return {
          name: field,
          bits: width === 1 ? String(low) : `${low + width - 1}:${low}`,
          value: of.toString(16),
          meaning: says(of),
        };
      }),
  };
}

/** A register that holds an address and nothing else. */
export function addressLayout(name: string, meaning: string, manual: string): RegisterLayout {
  return { name, meaning, manual, fields: [] };
}
