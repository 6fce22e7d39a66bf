import * as DW from './constants.js';
import type { Entry } from './entry.js';

/** Names and qualifiers of the same type. */
const TRANSPARENT: ReadonlySet<number> = new Set([
  DW.DW_TAG_typedef,
  DW.DW_TAG_const_type,
  DW.DW_TAG_volatile_type,
  DW.DW_TAG_restrict_type,
  DW.DW_TAG_atomic_type,
]);
const STRUCTURES: ReadonlySet<number> = new Set([DW.DW_TAG_structure_type, DW.DW_TAG_class_type, DW.DW_TAG_union_type]);
const POINTERS: ReadonlySet<number> = new Set([
  DW.DW_TAG_pointer_type,
  DW.DW_TAG_reference_type,
  DW.DW_TAG_rvalue_reference_type,
]);
/** Types that lie in each other this deep at most: damaged ones may lie in themselves. */
const DEEPEST = 64;

/** Structures without a name, and base classes, that are looked into for one member. */
const MOST_INSIDE = 256;

/** A part of a variable. */
export interface Part {
  /** Bytes from the beginning of the whole. */
  readonly offset: number;
  readonly type: number | undefined;
}

/** Finds the parts of types, and their sizes. */
export class TypeReader {
  readonly #entries: ReadonlyMap<number, Entry>;
  /** Structures that are complete, by tag and name: elsewhere they may only be declared. */
  #complete: ReadonlyMap<string, Entry> | undefined;

  constructor(entries: ReadonlyMap<number, Entry>) {
    this.#entries = entries;
  }

  /** Bytes; `undefined` if that is not fixed, or not said. */
  size(type: number | undefined, depth = 0): number | undefined {
    const entry = this.#actual(type);
    if (entry === undefined || depth > DEEPEST) return undefined;
    if (entry.size !== undefined) return entry.size;
    if (POINTERS.has(entry.tag)) return entry.addressSize;
    if (entry.tag !== DW.DW_TAG_array_type) return undefined;
    const element = this.size(entry.type, depth + 1);
    return dimensions(entry).reduce<number | undefined>(
      (size, count) => (size === undefined || count === undefined ? undefined : size * count),
      element,
    );
  }

  /** What kind of type it is. */
  kind(type: number | undefined): 'structure' | 'array' | 'pointer' | 'other' {
    const { tag = 0 } = this.#actual(type) ?? {};
    if (STRUCTURES.has(tag)) return 'structure';
    if (tag === DW.DW_TAG_array_type) return 'array';
    return POINTERS.has(tag) ? 'pointer' : 'other';
  }

  /** A member by name, also of a base class and of a structure without a name. */
  member(type: number | undefined, name: string): Part | undefined {
    return this.#member(type, name, new Set());
  }

  /** `seen`: structures that do not have it; each is looked into once, however often it lies in others. */
  #member(type: number | undefined, name: string, seen: Set<Entry>): Part | undefined {
    const entry = this.#actual(type);
    if (entry === undefined || !STRUCTURES.has(entry.tag) || seen.has(entry) || seen.size > MOST_INSIDE)
      return undefined;
    seen.add(entry);
    const members = entry.children.filter(({ tag }) => tag === DW.DW_TAG_member || tag === DW.DW_TAG_inheritance);
    const own = members.find((member) => member.tag === DW.DW_TAG_member && member.name === name);
    if (own !== undefined) return own.offset === undefined ? undefined : { offset: own.offset, type: own.type };
    for (const { name: given, offset, type: inside } of members) {
      if (given !== undefined || offset === undefined) continue;
      const found = this.#member(inside, name, seen);
      if (found !== undefined) return { offset: offset + found.offset, type: found.type };
    }
    return undefined;
  }

  /** Names of its members, also those that {@link member} finds further inside. */
  memberNames(type: number | undefined): readonly string[] {
    return [...this.#memberNames(type, new Set())];
  }

  *#memberNames(type: number | undefined, seen: Set<Entry>): Generator<string> {
    const entry = this.#actual(type);
    if (entry === undefined || seen.has(entry) || seen.size > MOST_INSIDE) return;
    seen.add(entry);
    for (const { tag, name, type: inside } of entry.children) {
      if (tag === DW.DW_TAG_member && name !== undefined) yield name;
      else if (tag === DW.DW_TAG_member || tag === DW.DW_TAG_inheritance) yield* this.#memberNames(inside, seen);
    }
  }

  /** The counts of an array's dimensions. */
  dimensions(type: number | undefined): readonly (number | undefined)[] {
    const entry = this.#actual(type);
    return entry === undefined ? [] : dimensions(entry);
  }

  /**
   * An element: an index for each dimension, or for the first few: then it is an array itself, and its size is what is
   * left of it.
   */
  element(type: number | undefined, indices: readonly number[]): (Part & { readonly size: number }) | undefined {
    const entry = this.#actual(type);
    const one = entry === undefined ? undefined : this.size(entry.type);
    if (entry === undefined || one === undefined) return undefined;
    const counts = dimensions(entry);
    let stride: number | undefined = one;
    let offset = 0;
    let size = one;
    for (let i = counts.length - 1; i >= 0; i--) {
      // What lies behind is needed to step over it; how many there are of the first dimension is not.
      if (stride === undefined) return undefined;
      if (i < indices.length) offset += (indices[i] ?? 0) * stride;
      if (i === indices.length - 1) size = stride;
      const count: number | undefined = counts[i];
      stride = count === undefined ? undefined : stride * count;
    }
    return { offset, size, type: indices.length === counts.length ? entry.type : undefined };
  }

  /** A type without its names and qualifiers, where it is complete. */
  #actual(type: number | undefined): Entry | undefined {
    let entry = type === undefined ? undefined : this.#entries.get(type);
    for (let i = 0; i < DEEPEST && entry !== undefined && TRANSPARENT.has(entry.tag); i++)
      entry = entry.type === undefined ? undefined : this.#entries.get(entry.type);
    if (entry?.declaration !== true || entry.name === undefined) return entry;
    this.#complete ??= new Map(
      [...this.#entries.values()].flatMap((other) =>
        STRUCTURES.has(other.tag) && !other.declaration && other.name !== undefined
          ? [[`${other.tag} ${other.name}`, other] as const]
          : [],
      ),
    );
    return this.#complete.get(`${entry.tag} ${entry.name}`) ?? entry;
  }
}

function dimensions({ children }: Entry): readonly (number | undefined)[] {
  return children.flatMap(({ tag, count }) => (tag === DW.DW_TAG_subrange_type ? [count] : []));
}
