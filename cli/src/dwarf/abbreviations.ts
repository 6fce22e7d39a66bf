import { ElfError } from '../elf/elf-error.js';
import { DW_FORM_implicit_const } from './constants.js';
import type { DwarfCursor } from './dwarf-cursor.js';

/** One attribute of an abbreviation. */
export interface AttributeSpec {
  readonly attribute: number;
  readonly form: number;
  /** Of DW_FORM_implicit_const: its value, which no entry has. */
  readonly constant: bigint;
}

/** What entries of one code look like (DWARF 5, 7.5.3). */
export interface Abbreviation {
  readonly tag: number;
  readonly children: boolean;
  readonly attributes: readonly AttributeSpec[];
}

/** Most attributes of one abbreviation: real ones have a few dozen. */
const MOST_ATTRIBUTES = 1024;

/** A table of .debug_abbrev. */
export function readAbbreviations(cursor: DwarfCursor): ReadonlyMap<bigint, Abbreviation> {
  const table = new Map<bigint, Abbreviation>();
  for (let code = cursor.uleb(); code !== 0n; code = cursor.uleb()) {
    const tag = Number(cursor.uleb());
    const children = cursor.u8() !== 0;
    const attributes: AttributeSpec[] = [];
    for (;;) {
      const attribute = Number(cursor.uleb());
      const form = Number(cursor.uleb());
      const constant = form === DW_FORM_implicit_const ? cursor.sleb() : 0n;
      if (attribute === 0 && form === 0) break;
      attributes.push({ attribute, form, constant });
      if (attributes.length > MOST_ATTRIBUTES)
        throw new ElfError('the debug information has an entry of too many attributes: it is damaged');
    }
    table.set(code, { tag, children, attributes });
  }
  return table;
}
