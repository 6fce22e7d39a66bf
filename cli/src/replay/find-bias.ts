import { PF_X } from '../elf/elf-segments.js';
import type { ElfFile } from '../elf/read-elf.js';
import type { ProgramFile } from './load-program.js';
import { instructionLines, WholeLines } from './trace-lines.js';
import { ValgrindLog } from './valgrind-log.js';

/** Where a trace shows that a position-independent program was loaded; without `bias`, why it does not. */
export interface FoundBias {
  readonly bias: bigint | undefined;
  readonly why: string;
}

const PAGE = 4096n;
/** Instructions behind the entry point that must lie in the program too. */
const FOLLOWING = 4;

interface Candidate {
  readonly bias: bigint;
  /** Instructions at and behind the entry point that lay in the program. */
  seen: number;
}

/**
 * Finds where a position-independent program was loaded from what its trace executes. Valgrind says it with -v -v.
 * Otherwise: a program moves by whole pages, so its entry point is executed at an address with the same offset in its
 * page, on a page where nothing was executed before (the dynamic linker comes first); execution goes on in the program's
 * text from there; nothing was executed where the program would be before; and its main function, or what its symbols
 * have, is executed afterwards.
 */
export class BiasFinder {
  readonly #file: ProgramFile;
  readonly #lines = new WholeLines();
  readonly #log = new ValgrindLog();
  readonly #text: readonly { readonly first: bigint; readonly end: bigint }[];
  /** A function that every run executes behind the entry point; `undefined` if the file names none. */
  readonly #proof: bigint | undefined;
  /** Pages where something was executed. */
  readonly #pages = new Set<bigint>();
  readonly #candidates: Candidate[] = [];
  #latest: Candidate | undefined;
  #found: FoundBias | undefined;

  constructor(file: ProgramFile) {
    this.#file = file;
    this.#text = file.elf.segments
      .filter(({ flags, size }) => (flags & PF_X) !== 0 && size > 0n)
      .map(({ address, size }) => ({ first: address, end: address + size }));
    this.#proof = proofOf(file.elf);
  }

  /** True once it is proven: no more text is needed. */
  get done(): boolean {
    return this.#found !== undefined;
  }

  /** What was found in the text so far. */
  get found(): FoundBias {
    if (this.#found !== undefined) return this.#found;
    const likely = this.#candidates.filter(({ seen }) => seen >= FOLLOWING);
    const [only] = likely;
    // A trace that ends before main: the entry point alone, if it can be but one.
    if (only !== undefined && likely.length === 1) return { bias: only.bias, why: ENTRY };
    const why = likely.length > 1 ? 'its entry point may have been at several addresses' : 'never executes its entry point';
    return { bias: undefined, why: likely.length > 1 ? `in the trace ${why}` : `the trace ${why}` };
  }

  /** Looks at more of the trace. */
  see(block: Uint8Array): void {
    if (this.done || this.#file.elf.entry === 0n) return;
    const text = this.#lines.add(block);
    this.#log.read(text);
    const said = this.#log.objectNamed(this.#file.path);
    if (said !== undefined) {
      this.#found = { bias: BigInt.asUintN(64, said.bias), why: "as Valgrind's log says" };
      return;
    }
    for (const { pc } of instructionLines(text)) {
      this.#execute(pc);
      if (this.done) return;
    }
  }

  #execute(pc: bigint): void {
    if (this.#latest !== undefined && this.#latest.seen < FOLLOWING) {
      if (this.#contains(pc - this.#latest.bias)) this.#latest.seen++;
      else this.#latest = undefined;
    }
    const { entry } = this.#file.elf;
    const page = pc / PAGE;
    if (pc >= entry && (pc - entry) % PAGE === 0n && !this.#pages.has(page)) {
      const bias = pc - entry;
      const free = ![...this.#pages].some((other) => this.#touches(other * PAGE - bias));
      if (free) {
        this.#latest = { bias, seen: 1 };
        this.#candidates.push(this.#latest);
      }
    }
    this.#pages.add(page);
    const proof = this.#proof;
    if (proof === undefined || this.#candidates.length === 0) return;
    const proven = this.#candidates.find(({ bias, seen }) => seen >= FOLLOWING && pc - bias === proof);
    if (proven !== undefined) this.#found = { bias: proven.bias, why: ENTRY };
  }

  #contains(linked: bigint): boolean {
    return this.#text.some(({ first, end }) => linked >= first && linked < end);
  }

  /** True if a page has some of the program's text. */
  #touches(page: bigint): boolean {
    return this.#text.some(({ first, end }) => page + PAGE > first && page < end);
  }
}

const ENTRY = 'where the trace executes its entry point';

function proofOf({ places, entry }: ElfFile): bigint | undefined {
  for (const name of ['main', '_init', 'frame_dummy']) {
    const found = places.find((place) => place.name === name && place.address !== entry);
    if (found !== undefined) return found.address;
  }
  return undefined;
}
