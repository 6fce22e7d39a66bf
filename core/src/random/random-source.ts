import { requireKind, TEXT } from '../errors/index.js';
import { crc32, type ImageReader, type ImageValue } from '../image/index.js';
import { Random } from './random.js';

/**
 * The random numbers of a kernel: everything that is random in it comes from its composition's `seed`. Each user has a
 * stream of its own, so that what one draws changes nothing for the others. Images have all of them.
 */
export class RandomSource {
  readonly seed: number;
  readonly #streams = new Map<string, Random>();

  /** Use `kernel.get(RANDOM)`. `seed`: a whole number of 32 bits. */
  constructor(seed: number) {
    this.seed = seed;
  }

  /** The stream of a name, such as that of a package: who asks for it again gets the same one, where it is. */
  stream(name: string): Random {
    requireKind('name', name, TEXT);
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    const made = Random.of(this.seed, Number.parseInt(crc32(name), 16));
    this.#streams.set(name, made);
    return made;
  }

  /** Where the streams are. */
  save(): ImageValue {
    return Object.fromEntries([...this.#streams].map(([name, stream]) => [name, stream.save()]));
  }

  /** The way back. Throws EINVAL for what is none. */
  restore(from: ImageReader): void {
    for (const [name, state] of from.entries()) this.stream(name).restore(state);
  }
}
