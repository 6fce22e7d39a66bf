/** One field of a register, decoded. */
export interface FieldView {
  /** The manual's name. */
  readonly name: string;
  /** `7` or `19:16`; bit 0 is the lowest. */
  readonly bits: string;
  /** The same bits as a manual numbers them that counts from the left: `ISA 57`, `ISA 48:53`. */
  readonly manualBits?: string;
  /** A bit: `0` or `1`. A wider field: hexadecimal, as `0x1f`. */
  readonly value: string;
  /** What this value means. */
  readonly meaning: string;
  /** Of no interest at a glance: reserved, or of something that this CPU does not have. */
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
  /** The manual, its edition, and the section by title. */
  readonly manual: string;
  /** From the highest bit down, every bit in one of them; of a register that is one address: none. */
  readonly fields: readonly FieldView[];
}

/** The value of another field of the same register. */
export type Field = (name: string) => bigint;

/** A field as a manual's table has it. */
export interface FieldLayout {
  readonly name: string;
  /** Its lowest bit; 0 is the lowest of the register. */
  readonly low: number;
  /** Bits; default 1. */
  readonly width?: number;
  /** Default false: it is shown at a glance too. */
  readonly rest?: boolean;
  /** What a value of it means; `field` reads its neighbours, on which that may depend. */
  says(value: bigint, field: Field): string;
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
  /**
   * The manual numbers bits from the left, 0 to 63, and those of a register of 32 bits 32 to 63: what its numbers are
   * marked with, such as `ISA`. Default: it counts as this program does.
   */
  readonly countsFromLeft?: string;
}

/** Numbers of the leftmost and the rightmost bit in manuals that count from the left. */
const RIGHTMOST = 63;

/** A field of one bit: what it means if it is set, and if it is not. */
export function flag(name: string, low: number, set: string, clear: string): FieldLayout {
  return { name, low, says: (value) => (value === 0n ? clear : set) };
}

/** A field whose values have names. */
export function choice(name: string, low: number, width: number, values: readonly (string | undefined)[]): FieldLayout {
  return { name, low, width, says: (value) => values[Number(value)] ?? 'reserved' };
}

/** Bits that mean nothing, and what is to be said of them. */
export function reserved(high: number, low: number, says: string): FieldLayout {
  return { name: 'reserved', low, width: high - low + 1, rest: true, says: () => says };
}

/** One value in two places: a field for each, and both tell what the whole of it means. */
export function split(
  name: string,
  high: Pick<FieldLayout, 'name' | 'low' | 'width'>,
  low: Pick<FieldLayout, 'name' | 'low' | 'width'>,
  says: (value: bigint) => string,
): readonly FieldLayout[] {
  const whole = (_: bigint, field: Field): string => {
    const value = (field(high.name) << BigInt(low.width ?? 1)) | field(low.name);
    return `${name} (${high.name} and ${low.name}) is ${value}: ${says(value)}`;
  };
  return [high, low].map((part) => ({ ...part, says: whole }));
}

/** The bits that no field has. */
function restOf(fields: readonly FieldLayout[], bits: number, name: string): readonly FieldLayout[] {
  const rest: FieldLayout[] = [];
  let free = 0;
  const until = (low: number): void => {
    if (low > free) rest.push({ name, low: free, width: low - free, rest: true, says: () => name });
  };
  for (const { low, width = 1 } of [...fields].sort((one, other) => one.low - other.low)) {
    until(low);
    free = low + width;
  }
  until(bits);
  return rest;
}

function bitsIn({ low, width = 1 }: FieldLayout, register: bigint): bigint {
  return BigInt.asUintN(width, register >> BigInt(low));
}

/** Decodes a value by its layout. */
export function decode(layout: RegisterLayout, value: bigint): RegisterView {
  const { name, meaning, manual, bits = 64, fields, rest = 'reserved', countsFromLeft } = layout;
  const field: Field = (wanted) => {
    const found = fields.find((one) => one.name === wanted);
    if (found === undefined) throw new TypeError(`${name} has no field ${wanted}`);
    return bitsIn(found, value);
  };
  const view = (one: FieldLayout): FieldView => {
    const { low, width = 1 } = one;
    const of = bitsIn(one, value);
    const high = low + width - 1;
    const numbers = (first: number, last: number): string => (width === 1 ? String(first) : `${first}:${last}`);
    return {
      name: one.name,
      bits: numbers(high, low),
      ...(countsFromLeft === undefined
        ? {}
        : { manualBits: `${countsFromLeft} ${numbers(RIGHTMOST - high, RIGHTMOST - low)}` }),
      value: width === 1 ? String(of) : `0x${of.toString(16)}`,
      meaning: one.says(of, field),
      ...(one.rest === true ? { rest: true } : {}),
    };
  };
  const all = fields.length === 0 ? [] : [...fields, ...restOf(fields, bits, rest)];
  return {
    name,
    value: `0x${value.toString(16).padStart(bits / 4, '0')}`,
    meaning,
    manual,
    fields: all.sort((one, other) => other.low - one.low).map(view),
  };
}

/** A register that holds an address and nothing else. */
export function addressLayout(name: string, meaning: string, manual: string): RegisterLayout {
  return { name, meaning, manual, fields: [] };
}
