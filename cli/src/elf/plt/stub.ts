import type { ElfReader } from '../elf-reader.js';
import type { ElfSection } from '../elf-sections.js';

/** Code of the linker's that jumps to a function of a library. */
export interface Stub {
  readonly address: bigint;
  /** Bytes. */
  readonly size: number;
  /** First address behind its section. */
  readonly end: bigint;
  /** The function; `undefined` for what helps other stubs. */
  readonly target: string | undefined;
  /** It asks the dynamic linker for the function, the first time: what calls the function calls another stub. */
  readonly lazy: boolean;
}

/** What the dynamic linker fills in. */
export interface Relocations {
  /** By the address of a slot, the function that it will have the address of. */
  readonly bySlot: ReadonlyMap<bigint, string>;
  /** The functions of the procedure linkage table, by number; empty for one that has no name. */
  readonly lazy: readonly string[];
}

/** What is known of a program before its stubs are. */
export interface PltInput {
  readonly reader: ElfReader;
  readonly sections: readonly ElfSection[];
  readonly relocations: Relocations;
  /** What symbol tables name. */
  readonly places: readonly { readonly name: string; readonly address: bigint; readonly size: number }[];
}

/** The stubs of one architecture, and which types of relocations its slots have. */
export interface PltLayout {
  /** `R_*_JUMP_SLOT`, and `R_*_GLOB_DAT` where stubs jump through what that fills in. */
  readonly relocations: readonly number[];
  find(input: PltInput): Stub[];
}
