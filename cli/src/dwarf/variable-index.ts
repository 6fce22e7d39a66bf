import { Work } from '../elf/work.js';
import type { DebugVariable } from './debug-information.js';

/** What stands behind the last `::` of a name. */
function lastPart(name: string): string {
  const at = name.lastIndexOf('::');
  return at < 0 ? name : name.slice(at + 2);
}

/** Variables, found by address and by name without a look at the others. */
export class VariableIndex implements Iterable<DebugVariable> {
  readonly #byAddress = new Map<bigint, DebugVariable>();
  readonly #byLastPart = new Map<string, DebugVariable[]>();
  readonly #names: Work;
  #count = 0;

  /** `characters`: of all names together, at most; more throw `ElfError`. */
  constructor(characters: number) {
    this.#names = new Work('reading the names of variables', characters);
  }

  get size(): number {
    return this.#count;
  }

  add(variable: DebugVariable): void {
    const { name, address } = variable;
    this.#names.spend(name.length);
    this.#count++;
    if (!this.#byAddress.has(address)) this.#byAddress.set(address, variable);
    const part = lastPart(name);
    const others = this.#byLastPart.get(part);
    if (others === undefined) this.#byLastPart.set(part, [variable]);
    else others.push(variable);
  }

  /** The first of those at an address. */
  at(address: bigint): DebugVariable | undefined {
    return this.#byAddress.get(address);
  }

  /** Those of a name, which may leave out what they lie in. */
  named(name: string): readonly DebugVariable[] {
    const candidates = this.#byLastPart.get(lastPart(name)) ?? [];
    return candidates.filter((variable) => variable.name === name || variable.name.endsWith(`::${name}`));
  }

  *[Symbol.iterator](): Iterator<DebugVariable> {
    for (const variables of this.#byLastPart.values()) yield* variables;
  }
}
