/** Turns a linker's name into the one that people write; a name that is none of a compiler's stays as it is. */
export type Demangle = (name: string) => string;

/** Names of the Itanium C++ ABI, and of Rust: its own (v0), and those that look like C++ (legacy). */
const MANGLED = /^_(?:Z[0-9A-Za-z]|R[A-Z])/;

/** For names that nobody has mangled. */
export const asItIs: Demangle = (name) => name;

/** True for a name that a demangler has something to do with. */
export function isMangled(name: string): boolean {
  return MANGLED.test(name);
}
