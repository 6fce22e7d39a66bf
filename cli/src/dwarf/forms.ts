import { ElfError } from '../elf/elf-error.js';
import {
  DW_FORM_addr,
  DW_FORM_addrx,
  DW_FORM_addrx1,
  DW_FORM_addrx4,
  DW_FORM_block,
  DW_FORM_block1,
  DW_FORM_block2,
  DW_FORM_block4,
  DW_FORM_data1,
  DW_FORM_data2,
  DW_FORM_data4,
  DW_FORM_data8,
  DW_FORM_data16,
  DW_FORM_exprloc,
  DW_FORM_flag,
  DW_FORM_flag_present,
  DW_FORM_GNU_addr_index,
  DW_FORM_GNU_ref_alt,
  DW_FORM_GNU_str_index,
  DW_FORM_GNU_strp_alt,
  DW_FORM_implicit_const,
  DW_FORM_indirect,
  DW_FORM_line_strp,
  DW_FORM_loclistx,
  DW_FORM_ref_addr,
  DW_FORM_ref_sig8,
  DW_FORM_ref_sup4,
  DW_FORM_ref_sup8,
  DW_FORM_ref_udata,
  DW_FORM_ref1,
  DW_FORM_ref2,
  DW_FORM_ref4,
  DW_FORM_ref8,
  DW_FORM_rnglistx,
  DW_FORM_sdata,
  DW_FORM_sec_offset,
  DW_FORM_string,
  DW_FORM_strp,
  DW_FORM_strp_sup,
  DW_FORM_strx,
  DW_FORM_strx1,
  DW_FORM_strx4,
  DW_FORM_udata,
} from './constants.js';
import type { DwarfCursor } from './dwarf-cursor.js';

/** The value of an attribute, as far as it can be understood without other sections. */
export type FormValue =
  | { readonly is: 'number'; readonly value: bigint }
  | { readonly is: 'block'; readonly bytes: Uint8Array }
  | { readonly is: 'text'; readonly text: string }
  /** A text elsewhere: at an offset of a section, or by its number in the unit's list. */
  | { readonly is: 'str' | 'lineStr' | 'strx'; readonly at: number }
  /** An address by its number in the unit's list. */
  | { readonly is: 'addrx'; readonly at: number }
  /** Another entry: where in .debug_info. */
  | { readonly is: 'entry'; readonly at: number }
  /** Something in another file, or nothing that is needed. */
  | { readonly is: 'other' };

/** What the sizes of values depend on. */
export interface UnitFormat {
  readonly version: number;
  /** Bytes of an offset. */
  readonly offsetSize: 4 | 8;
  /** Bytes of an address. */
  readonly addressSize: number;
  /** Where the unit begins in .debug_info. */
  readonly start: number;
}

const OTHER: FormValue = { is: 'other' };
const number = (value: bigint): FormValue => ({ is: 'number', value });

/** Reads a value. Throws `ElfError` for a form that nobody knows the size of. */
export function readForm(cursor: DwarfCursor, form: number, constant: bigint, unit: UnitFormat): FormValue {
  const { offsetSize, start } = unit;
  const entry = (at: number): FormValue => ({ is: 'entry', at: start + at });
  const block = (size: number): FormValue => ({ is: 'block', bytes: cursor.block(size) });
  if (form >= DW_FORM_strx1 && form <= DW_FORM_strx4)
    return { is: 'strx', at: Number(cursor.unsigned(form - DW_FORM_strx1 + 1)) };
  if (form >= DW_FORM_addrx1 && form <= DW_FORM_addrx4)
    return { is: 'addrx', at: Number(cursor.unsigned(form - DW_FORM_addrx1 + 1)) };
  switch (form) {
    case DW_FORM_addr:
      return number(cursor.unsigned(unit.addressSize));
    case DW_FORM_data1:
    case DW_FORM_flag:
      return number(BigInt(cursor.u8()));
    case DW_FORM_data2:
      return number(BigInt(cursor.u16()));
    case DW_FORM_data4:
      return number(BigInt(cursor.u32()));
    case DW_FORM_data8:
      return number(cursor.u64());
    case DW_FORM_sdata:
      return number(cursor.sleb());
    case DW_FORM_udata:
      return number(cursor.uleb());
    case DW_FORM_sec_offset:
      return number(cursor.unsigned(offsetSize));
    case DW_FORM_flag_present:
      return number(1n);
    case DW_FORM_implicit_const:
      return number(constant);
    case DW_FORM_string:
      return { is: 'text', text: cursor.text() };
    case DW_FORM_strp:
      return { is: 'str', at: cursor.offset(offsetSize) };
    case DW_FORM_line_strp:
      return { is: 'lineStr', at: cursor.offset(offsetSize) };
    case DW_FORM_strx:
    case DW_FORM_GNU_str_index:
      return { is: 'strx', at: Number(cursor.uleb()) };
    case DW_FORM_addrx:
    case DW_FORM_GNU_addr_index:
      return { is: 'addrx', at: Number(cursor.uleb()) };
    case DW_FORM_ref1:
      return entry(cursor.u8());
    case DW_FORM_ref2:
      return entry(cursor.u16());
    case DW_FORM_ref4:
      return entry(cursor.u32());
    case DW_FORM_ref8:
      return entry(Number(cursor.u64()));
    case DW_FORM_ref_udata:
      return entry(Number(cursor.uleb()));
    case DW_FORM_ref_addr:
      // Version 2 had it as wide as an address.
      return { is: 'entry', at: Number(cursor.unsigned(unit.version < 3 ? unit.addressSize : offsetSize)) };
    case DW_FORM_block1:
      return block(cursor.u8());
    case DW_FORM_block2:
      return block(cursor.u16());
    case DW_FORM_block4:
      return block(cursor.u32());
    case DW_FORM_block:
    case DW_FORM_exprloc:
      return block(Number(cursor.uleb()));
    case DW_FORM_data16:
      return skip(cursor, 16);
    case DW_FORM_ref_sig8:
    case DW_FORM_ref_sup8:
      return skip(cursor, 8);
    case DW_FORM_ref_sup4:
      return skip(cursor, 4);
    case DW_FORM_strp_sup:
    case DW_FORM_GNU_ref_alt:
    case DW_FORM_GNU_strp_alt:
      return skip(cursor, offsetSize);
    case DW_FORM_loclistx:
    case DW_FORM_rnglistx:
      cursor.uleb();
      return OTHER;
    case DW_FORM_indirect: {
      const actual = Number(cursor.uleb());
      if (actual === DW_FORM_indirect || actual === DW_FORM_implicit_const) throw unknownForm(actual);
      return readForm(cursor, actual, 0n, unit);
    }
    default:
      throw unknownForm(form);
  }
}

function skip(cursor: DwarfCursor, size: number): FormValue {
  cursor.skip(size);
  return OTHER;
}

function unknownForm(form: number): ElfError {
  return new ElfError(`the debug information has values of form 0x${form.toString(16)}, which is not known here`);
}
