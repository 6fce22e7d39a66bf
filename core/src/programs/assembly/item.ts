import type { Mnemonic } from './operations.js';

/** A number, or the address of a symbol and a number. */
export interface Expression {
  readonly symbol?: string;
  readonly addend: bigint;
}

/** An operand, as it was written. */
export type Operand =
  | { readonly kind: 'register'; readonly number: number }
  | { readonly kind: 'number'; readonly value: Expression }
  | { readonly kind: 'memory'; readonly base?: number; readonly offset: Expression }
  | { readonly kind: 'name'; readonly name: string };

/** Where in its source something stands: lines and columns from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A label: the address of what follows. */
export interface LabelItem extends Place {
  readonly kind: 'label';
  readonly name: string;
}

export interface InstructionItem extends Place {
  readonly kind: 'instruction';
  readonly mnemonic: Mnemonic;
  readonly operands: readonly Operand[];
  /** Place of its width in `WIDTHS`. */
  readonly width: number;
}

/** Values of `size` bytes each, in the memory's byte order. */
export interface DataItem extends Place {
  readonly kind: 'data';
  readonly size: 1 | 2 | 4 | 8;
  readonly values: readonly Expression[];
}

/** Zeroes. */
export interface SpaceItem extends Place {
  readonly kind: 'space';
  readonly size: number;
}

/** What follows among the data begins at a multiple of `size` bytes. */
export interface AlignItem extends Place {
  readonly kind: 'align';
  readonly size: number;
}

/** What an assembly is made of, whether it was written as text or built. */
export type Item = LabelItem | InstructionItem | DataItem | SpaceItem | AlignItem;
