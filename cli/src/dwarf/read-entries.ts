import { ElfError } from '../elf/elf-error.js';
import { Work } from '../elf/work.js';
import { type Abbreviation, readAbbreviations } from './abbreviations.js';
import * as DW from './constants.js';
import type { DebugSections } from './debug-sections.js';
import { DwarfCursor } from './dwarf-cursor.js';
import type { Entry } from './entry.js';
import { type FormValue, readForm, type UnitFormat } from './forms.js';

/** What is kept: variables, their types, and what they lie in. */
const KEPT: ReadonlySet<number> = new Set([
  DW.DW_TAG_array_type,
  DW.DW_TAG_class_type,
  DW.DW_TAG_enumeration_type,
  DW.DW_TAG_formal_parameter,
  DW.DW_TAG_member,
  DW.DW_TAG_pointer_type,
  DW.DW_TAG_reference_type,
  DW.DW_TAG_structure_type,
  DW.DW_TAG_typedef,
  DW.DW_TAG_union_type,
  DW.DW_TAG_inheritance,
  DW.DW_TAG_subrange_type,
  DW.DW_TAG_base_type,
  DW.DW_TAG_const_type,
  DW.DW_TAG_subprogram,
  DW.DW_TAG_variable,
  DW.DW_TAG_volatile_type,
  DW.DW_TAG_restrict_type,
  DW.DW_TAG_namespace,
  DW.DW_TAG_rvalue_reference_type,
  DW.DW_TAG_atomic_type,
]);

/** Entries that are kept at most: some 200 bytes each. */
const MOST_ENTRIES = 4_000_000;

/** What the entries of one unit are read with. */
interface Unit extends UnitFormat {
  readonly end: number;
  /** Where the unit's lists begin; of version 5 behind a header. */
  strOffsetsBase: number;
  addrBase: number;
}

/** Every entry that is kept, by where it is in .debug_info. Throws `ElfError`. */
export function readEntries(sections: DebugSections, little: boolean): ReadonlyMap<number, Entry> {
  const entries = new Map<number, Entry>();
  const tables = new Map<number, ReadonlyMap<bigint, Abbreviation>>();
  const cursor = new DwarfCursor(sections.info, little);
  const { info, abbrev, str, lineStr } = sections;
  const texts = new Texts(sections, little, new Work('reading its texts', bytesOf(str, lineStr, info)));
  const attributes = new Work('reading the entries of the debug information', bytesOf(info));
  const described = new Work('reading what describes the entries of the debug information', bytesOf(abbrev));
  while (cursor.at < sections.info.length) {
    const { unit, abbrevAt } = readUnit(cursor);
    if (unit === undefined) continue;
    let table = tables.get(abbrevAt);
    if (table === undefined) {
      const descriptions = new DwarfCursor(abbrev, little, abbrevAt);
      table = readAbbreviations(descriptions);
      described.spend(descriptions.at - abbrevAt);
      tables.set(abbrevAt, table);
    }
    readTree(cursor, unit, table, { entries, texts, work: attributes });
    cursor.at = unit.end;
  }
  return entries;
}

/** A unit's header (DWARF 5, 7.5.1). Of one that has no variables (a type unit, a skeleton) the unit is `undefined`. */
function readUnit(cursor: DwarfCursor): { unit: Unit | undefined; abbrevAt: number } {
  const start = cursor.at;
  let length = cursor.u32();
  let offsetSize: 4 | 8 = 4;
  if (length === 0xffff_ffff) {
    offsetSize = 8;
    length = Number(cursor.u64());
  }
  const end = cursor.at + length;
  if (end > cursor.bytes.length) throw new ElfError('a unit of debug information lies outside: the file is damaged');
  const version = cursor.u16();
  if (version < 2 || version > 5) throw new ElfError(`debug information of DWARF version ${version} is not known here`);
  const kind = version >= 5 ? cursor.u8() : DW.DW_UT_compile;
  const early = version >= 5 ? cursor.u8() : 0;
  const abbrevAt = cursor.offset(offsetSize);
  const addressSize = version >= 5 ? early : cursor.u8();
  if (addressSize !== 4 && addressSize !== 8)
    throw new ElfError(`the debug information has addresses of ${addressSize} bytes: it is damaged`);
  if (kind !== DW.DW_UT_compile && kind !== DW.DW_UT_partial) {
    cursor.at = end;
    return { unit: undefined, abbrevAt };
  }
  const base = offsetSize === 8 ? 16 : 8;
  return {
    unit: { version, offsetSize, addressSize, start, end, strOffsetsBase: version >= 5 ? base : 0, addrBase: base },
    abbrevAt,
  };
}

/** Where what was read goes, and where texts are. */
interface Target {
  readonly entries: Map<number, Entry>;
  readonly texts: Texts;
  /** An entry, and each of its attributes. */
  readonly work: Work;
}

/** Steps for each byte, and for small files: attributes without a byte, names that entries share. */
const STEPS = 16;
const FOR_ANY = 1 << 20;

function bytesOf(...sections: readonly Uint8Array[]): number {
  return FOR_ANY + STEPS * sections.reduce((sum, { length }) => sum + length, 0);
}

function readTree(
  cursor: DwarfCursor,
  unit: Unit,
  table: ReadonlyMap<bigint, Abbreviation>,
  { entries, texts, work }: Target,
): void {
  const parents: (Entry | undefined)[] = [];
  let parent: Entry | undefined;
  while (cursor.at < unit.end) {
    const at = cursor.at;
    const code = cursor.uleb();
    if (code === 0n) {
      parent = parents.pop();
      if (parents.length === 0) return;
      continue;
    }
    const abbreviation = table.get(code);
    if (abbreviation === undefined)
      throw new ElfError(`the debug information has an entry of code ${code}, which is not described: it is damaged`);
    const { tag, children, attributes } = abbreviation;
    work.spend(1 + attributes.length);
    if (entries.size > MOST_ENTRIES)
      throw new ElfError(`the debug information has more than the budget of ${MOST_ENTRIES} types and variables`);
    const kept = KEPT.has(tag) ? emptyEntry(tag, parent, unit.addressSize) : undefined;
    const root = parents.length === 0;
    for (const { attribute, form, constant } of attributes) {
      const value = readForm(cursor, form, constant, unit);
      if (root) rootAttribute(unit, attribute, value);
      if (kept !== undefined) setAttribute(kept, attribute, value, unit, texts);
    }
    if (kept !== undefined) {
      entries.set(at, kept);
      parent?.children.push(kept);
    }
    if (!children) {
      if (root) return;
      continue;
    }
    parents.push(parent);
    // What is not kept (a block, say) is looked through: its variables are the function's.
    parent = kept ?? parent;
  }
}

function emptyEntry(tag: number, parent: Entry | undefined, addressSize: number): Entry {
  return {
    tag,
    addressSize,
    parent,
    children: [],
    name: undefined,
    type: undefined,
    origin: undefined,
    size: undefined,
    offset: tag === DW.DW_TAG_member || tag === DW.DW_TAG_inheritance ? 0 : undefined,
    count: undefined,
    place: undefined,
    declaration: false,
  };
}

function rootAttribute(unit: Unit, attribute: number, value: FormValue): void {
  if (attribute === DW.DW_AT_dwo_name || attribute === DW.DW_AT_GNU_dwo_name)
    throw new ElfError('its debug information is in files of its own (.dwo), which are not read');
  if (value.is !== 'number') return;
  if (attribute === DW.DW_AT_str_offsets_base) unit.strOffsetsBase = Number(value.value);
  if (attribute === DW.DW_AT_addr_base) unit.addrBase = Number(value.value);
}

function setAttribute(entry: Entry, attribute: number, value: FormValue, unit: Unit, texts: Texts): void {
  const whole = value.is === 'number' ? Number(value.value) : undefined;
  switch (attribute) {
    case DW.DW_AT_name:
      entry.name = texts.text(value, unit);
      break;
    case DW.DW_AT_type:
      if (value.is === 'entry') entry.type = value.at;
      break;
    case DW.DW_AT_specification:
    case DW.DW_AT_abstract_origin:
      if (value.is === 'entry') entry.origin = value.at;
      break;
    case DW.DW_AT_byte_size:
      entry.size = whole;
      break;
    case DW.DW_AT_count:
      entry.count = whole;
      break;
    case DW.DW_AT_upper_bound:
      // An array without a bound has -1, or nothing.
      entry.count ??= whole === undefined || value.is !== 'number' ? undefined : boundToCount(value.value);
      break;
    case DW.DW_AT_data_member_location:
      entry.offset = whole ?? (value.is === 'block' ? constantOffset(value.bytes, texts.little) : undefined);
      break;
    case DW.DW_AT_declaration:
      entry.declaration = whole !== 0;
      break;
    case DW.DW_AT_location:
      entry.place = value.is === 'block' ? texts.place(value.bytes, unit) : 'elsewhere';
      break;
    default:
  }
}

/** One more than the last index; -1 in any width says that there is no bound. */
function boundToCount(bound: bigint): number | undefined {
  return bound >= 0xffff_ffffn || bound < 0n ? undefined : Number(bound) + 1;
}

/** DW_OP_plus_uconst, as version 2 has members' offsets; `undefined` for anything that is computed. */
function constantOffset(bytes: Uint8Array, little: boolean): number | undefined {
  if (bytes[0] !== DW.DW_OP_plus_uconst) return undefined;
  const cursor = new DwarfCursor(bytes, little, 1);
  const offset = Number(cursor.uleb());
  return cursor.at === bytes.length ? offset : undefined;
}

/** What the values of attributes mean with the help of other sections. */
class Texts {
  readonly little: boolean;
  readonly #sections: DebugSections;
  readonly #work: Work;

  /** `work`: a character that is read is a step. */
  constructor(sections: DebugSections, little: boolean, work: Work) {
    this.#sections = sections;
    this.#work = work;
    this.little = little;
  }

  text(value: FormValue, unit: Unit): string | undefined {
    const text = this.#find(value, unit);
    if (text !== undefined) this.#work.spend(text.length);
    return text;
  }

  #find(value: FormValue, { strOffsetsBase, offsetSize }: Unit): string | undefined {
    const { str, lineStr, strOffsets } = this.#sections;
    const at = (bytes: Uint8Array, offset: number): DwarfCursor => new DwarfCursor(bytes, this.little, offset);
    if (value.is === 'text') return value.text;
    if (value.is === 'str') return at(str, value.at).text();
    if (value.is === 'lineStr') return at(lineStr, value.at).text();
    if (value.is !== 'strx') return undefined;
    return at(str, at(strOffsets, strOffsetsBase + value.at * offsetSize).offset(offsetSize)).text();
  }

  /** An address that stands alone in an expression; what a thread has of its own; anything else is elsewhere. */
  place(bytes: Uint8Array, { addressSize, addrBase }: Unit): Entry['place'] {
    const cursor = new DwarfCursor(bytes, this.little);
    if (bytes.length === 0) return undefined;
    const operation = cursor.u8();
    const last = bytes[bytes.length - 1];
    if (last === DW.DW_OP_GNU_push_tls_address || last === DW.DW_OP_form_tls_address) return 'thread';
    let address: bigint | undefined;
    if (operation === DW.DW_OP_addr) address = cursor.unsigned(addressSize);
    else if (operation === DW.DW_OP_addrx || operation === DW.DW_OP_GNU_addr_index) {
      const at = addrBase + Number(cursor.uleb()) * addressSize;
      address = new DwarfCursor(this.#sections.addr, this.little, at).unsigned(addressSize);
    }
    return address !== undefined && cursor.at === bytes.length ? address : 'elsewhere';
  }
}
