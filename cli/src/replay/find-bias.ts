import { PF_X } from '../elf/elf-segments.js';
import type { ElfFile } from '../elf/read-elf.js';
import type { ProgramFile } from './place-program.js';
import { instructionLines, WholeLines } from './trace-lines.js';
import { ValgrindLog } from './valgrind-log.js';

/** Where a trace shows that a position-independent program was loaded; without `bias`, why it does not. */
export interface FoundBias {
  readonly bias: bigint | undefined;
  readonly why: string;
}

const PAGE = 4096n;
/** Instructions from the entry point on that must lie in the program, and be as long as its bytes say. */
const FOLLOWING = 8;

interface Candidate {
  readonly bias: bigint;
  /** Instructions from the entry point on that lay in the program. */
  seen: number;
  /** Those of them whose length its bytes confirm. */
  confirmed: number;
}

/**
 * Finds where a position-independent program was loaded from what its trace executes. Valgrind says it with -v -v.
 * Otherwise: a program moves by whole pages, so its entry point is executed at an address with the same offset in its
 * page, on a page where nothing was executed before (the dynamic linker comes first), and nothing was executed before
 * where the rest of the program would be. From there execution goes on in its text, in instructions that are as long as
 * its bytes say; where these do not tell (other architectures than x86), its main function is executed later.
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
    return { bias: undefined, why: 'the trace never executes its entry point' };
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
    for (const { pc, length } of instructionLines(text)) {
      this.#execute(pc, length);
      if (this.done) return;
    }
  }

  #execute(pc: bigint, length: number): void {
    const { entry } = this.#file.elf;
    const page = pc / PAGE;
    if (pc >= entry && (pc - entry) % PAGE === 0n && !this.#pages.has(page)) {
      const bias = pc - entry;
      const free = ![...this.#pages].some((other) => this.#touches(other * PAGE - bias));
      if (free) {
        this.#latest = { bias, seen: 0, confirmed: 0 };
        this.#candidates.push(this.#latest);
      }
    }
    this.#pages.add(page);
    this.#follow(pc, length);
    const proof = this.#proof;
    if (proof === undefined || this.#candidates.length === 0) return;
    const proven = this.#candidates.find(({ bias }) => pc - bias === proof);
    if (proven !== undefined) this.#found = { bias: proven.bias, why: ENTRY };
  }

  /** Execution behind the entry point of the latest candidate. */
  #follow(pc: bigint, length: number): void {
    const latest = this.#latest;
    if (latest === undefined || latest.seen === FOLLOWING) return;
    const linked = pc - latest.bias;
    const actual = this.#file.elf.text.length(linked);
    // A program whose first instructions call a library has fewer of its own.
    const leaves = !this.#contains(linked);
    if (actual !== undefined && actual !== length && !leaves) {
      this.#candidates.splice(this.#candidates.indexOf(latest), 1);
      this.#latest = undefined;
      return;
    }
    latest.seen = leaves ? FOLLOWING : latest.seen + 1;
    if (actual === length && !leaves) latest.confirmed++;
    if (latest.seen === FOLLOWING && latest.confirmed >= CONFIRMED) this.#found = { bias: latest.bias, why: ENTRY };
  }

  #contains(linked: bigint): boolean {
    return this.#text.some(({ first, end }) => linked >= first && linked < end);
  }

  /** True if a page has some of the program's text. */
  #touches(page: bigint): boolean {
    return this.#text.some(({ first, end }) => page + PAGE > first && page < end);
  }
}

/** Fewer instructions than this prove nothing. */
const CONFIRMED = 4;
const ENTRY = 'where the trace executes its entry point';

function proofOf({ places, entry }: ElfFile): bigint | undefined {
  for (const name of ['main', '_init', 'frame_dummy']) {
    const found = places.find((place) => place.name === name && place.address !== entry);
    if (found !== undefined) return found.address;
  }
  return undefined;
}
