import { hex } from '@hwbp/core';
import type { LoadedObjects } from './loaded-objects.js';
import type { LoadedProgram } from './place-program.js';
import { instructionPrefix, loadPrefix } from './trace-lines.js';

/** Functions that begin a thread: glibc's, C11's and those of libstdc++ that call them. */
const STARTERS = /^(?:__)?(?:pthread_create|thrd_create)(?:_2_1)?(?:@plt)?$|^_ZNSt6thread15_M_start_thread/;
/** Where the C library has them. */
const LIBRARIES = /^lib(?:c|pthread)[.-]/;
/** Two places of one stack are not so far apart, in bytes: its size is limited to 8 MiB mostly. */
const FAR = 1n << 28n;

/**
 * Whether a trace has what several threads did. It proves that where it executes a function that begins one, or loads
 * its address from the global offset table, as programs do that have no stubs. Where nobody has named such a function,
 * instructions that use the stack tell, if they use several.
 */
export class ThreadEvidence {
  readonly #objects: LoadedObjects;
  /** Text whose presence proves it. */
  readonly #proofs: Set<string>;
  /** Objects that were looked through. */
  #known = 0;
  #proven = false;
  #stack: bigint | undefined;
  #other: bigint | undefined;

  /** `program`: if it is known where it was loaded. */
  constructor(program: LoadedProgram | undefined, objects: LoadedObjects) {
    this.#objects = objects;
    this.#proofs = new Set(
      (program?.symbols.symbols ?? [])
        .filter(({ name }) => STARTERS.test(name))
        .map(({ address }) => instructionPrefix(address)),
    );
    for (const [address, name] of program?.slots ?? []) if (STARTERS.test(name)) this.#proofs.add(loadPrefix(address));
  }

  /** Looks at whole lines. */
  see(text: Buffer): void {
    if (this.#proven) return;
    if (this.#objects.count > this.#known) {
      this.#known = this.#objects.count;
      for (const address of this.#objects.addressesOf(STARTERS, LIBRARIES))
        this.#proofs.add(instructionPrefix(address));
    }
    for (const proof of this.#proofs) this.#proven ||= text.includes(proof, 0, 'latin1');
  }

  /** An instruction that uses the stack did so at an address. */
  use(stack: bigint): void {
    this.#stack ??= stack;
    const apart = stack > this.#stack ? stack - this.#stack : this.#stack - stack;
    if (apart >= FAR) this.#other ??= stack;
  }

  /** What there is to say of a trace; `undefined` if there is nothing. */
  describe(name: string): string | undefined {
    if (this.#proven)
      return `the program has threads, which Lackey does not tell apart: ${name} has what all of them did, one after the other as Valgrind let them run, as one task`;
    if (this.#stack === undefined || this.#other === undefined) return undefined;
    return `the program uses several stacks, at ${hex(this.#stack)} and at ${hex(this.#other)}: it seems to have threads (or coroutines, or signal handlers with a stack of their own), which Lackey does not tell apart. ${name} has what all of them did, as one task`;
  }
}
