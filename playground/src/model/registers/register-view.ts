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
  /** Bits that no field has: reserved, or of no interest here. */
  readonly rest?: true;
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
  /** From the highest bit down, every bit in one of them; of a register that is one address: none. */
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
  /** What the bits are that no field has. Default: reserved. */
  readonly rest?: string;
}

/** A field of one bit: what it means if it is set, and if it is not. */
export function flag(name: string, low: number, set: string, clear: string): FieldLayout {
  return { name, low, says: (value) => (BigInt(value) === 0n ? clear : set) };
}

/** A field whose values have names. */
export function choice(name: string, low: number, width: number, values: readonly string[]): FieldLayout {
  return { name, low, width, says: (value) => values[Number(value)] ?? 'reserved' };
}

/** The bits that no field has. */
function restOf(fields: readonly FieldLayout[], bits: number, name: string): readonly FieldLayout[] {
  const rest: FieldLayout[] = [];
  let free = 0;
  const until = (low: number): void => {
    if (low > free) rest.push({ name, low: free, width: low - free, says: () => name });
  };
  for (const { low, width = 1 } of [...fields].sort((one, other) => one.low - other.low)) {
    until(low);
    free = low + width;
  }
  until(bits);
  return rest;
}

function fieldView({ name, low, width = 1, says }: FieldLayout, value: bigint): FieldView {
  const of = BigInt.asUintN(width, value >> BigInt(low));
  const bits = width === 1 ? String(low) : `${low + width - 1}:${low}`;
  return { name, bits, value: of.toString(16), meaning: says(of) };
}

/** Decodes a value by its layout. */
export function decode(layout: RegisterLayout, value: bigint): RegisterView {
  const { name, meaning, manual, bits = 64, fields, rest = 'reserved' } = layout;
  const others = fields.length === 0 ? [] : restOf(fields, bits, rest);
  const views = [...fields, ...others]
    .sort((one, other) => other.low - one.low)
    .map(
      (field): FieldView =>
        others.includes(field) ? { ...fieldView(field, value), rest: true } : fieldView(field, value),
    );
  return { name, value: `0x${value.toString(16).padStart(bits / 4, '0')}`, meaning, manual, fields: views };
}

/** A register that holds an address and nothing else. */
export function addressLayout(name: string, meaning: string, manual: string): RegisterLayout {
  return { name, meaning, manual, fields: [] };
}
