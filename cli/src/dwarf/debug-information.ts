import type { ElfReader } from '../elf/elf-reader.js';
import type { ElfSection } from '../elf/elf-sections.js';
import { DW_TAG_formal_parameter, DW_TAG_subprogram, DW_TAG_variable } from './constants.js';
import { debugSections } from './debug-sections.js';
import type { Entry } from './entry.js';
import { readEntries } from './read-entries.js';
import { TypeReader } from './type-reader.js';
import { VariableIndex } from './variable-index.js';

/** A variable that the linker gave an address. */
export interface DebugVariable {
  /** With the namespaces, classes and functions that it lies in: `bank::total`, `main::counter`. */
  readonly name: string;
  /** The linker's. */
  readonly address: bigint;
  /** Where its type is in .debug_info; `undefined` if that is not said. */
  readonly type: number | undefined;
}

/** What debug information says of variables. */
export interface DebugInformation {
  readonly variables: VariableIndex;
  /** Functions that have a local variable or a parameter of a name. */
  localsNamed(name: string): readonly string[];
  readonly types: TypeReader;
}

/** Reads it (DWARF 2 to 5). There are no variables in a file without any. Throws `ElfError` if it is damaged. */
export function readDebugInformation(
  file: Uint8Array,
  reader: ElfReader,
  sections: readonly ElfSection[],
): DebugInformation {
  const entries = readEntries(debugSections(file, reader, sections), reader.little);
  const variables = new VariableIndex(LEAST_NAMES + NAMES_PER_BYTE * file.length);
  const locals = new Map<string, Set<string>>();
  for (const entry of entries.values()) {
    if (entry.tag !== DW_TAG_variable && entry.tag !== DW_TAG_formal_parameter) continue;
    const { name, type } = whole(entry, entries);
    if (name === undefined) continue;
    if (typeof entry.place === 'bigint') {
      variables.add({ name: qualified(entry, entries), address: entry.place, type });
      continue;
    }
    const parent = entry.parent === undefined ? undefined : whole(entry.parent, entries);
    // Optimised away, in a register, on the stack: it has no address of its own.
    if (parent?.tag !== DW_TAG_subprogram || entry.place === 'thread' || entry.declaration) continue;
    const functions = locals.get(name) ?? new Set();
    locals.set(name, functions.add(parent.name ?? 'a function'));
  }
  return {
    variables,
    localsNamed: (name) => [...(locals.get(name) ?? [])],
    types: new TypeReader(entries),
  };
}

/** Characters of all names of variables, with what they lie in, for each byte of the file and for small files. */
const NAMES_PER_BYTE = 16;
const LEAST_NAMES = 1 << 20;

/** Follows what an entry completes or repeats this often at most. */
const MOST_ORIGINS = 8;

/** An entry with the name and the type of what it completes. */
function whole(entry: Entry, entries: ReadonlyMap<number, Entry>): Entry {
  let { name, type } = entry;
  let at: Entry | undefined = entry;
  for (let i = 0; i < MOST_ORIGINS && at?.origin !== undefined; i++) {
    at = entries.get(at.origin);
    name ??= at?.name;
    type ??= at?.type;
  }
  return { ...entry, name, type };
}

/** Its name behind those of what it was declared in. */
function qualified(entry: Entry, entries: ReadonlyMap<number, Entry>): string {
  const names: string[] = [];
  let at: Entry | undefined = entry;
  while (at !== undefined) {
    const { name } = whole(at, entries);
    names.unshift(name ?? '(anonymous namespace)');
    // A definition may stand outside of the namespace that it was declared in.
    const declared: Entry | undefined = at.origin === undefined ? undefined : entries.get(at.origin);
    at = (declared ?? at).parent;
    if (names.length > 64) break;
  }
  return names.join('::');
}
