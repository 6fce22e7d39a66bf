import type { ImageReader, ImageValue } from '../../image/index.js';

/** Somebody who has state of a kernel that an image must have, too. */
export interface ImagePart {
  /** An image is about to be made: called before anybody saves. */
  begin?(): void;
  /** What it takes to go on from here. Changes nothing. Throws EBUSY if it cannot be written down now. */
  save(): ImageValue;
  /**
   * The way back, in a kernel of the same composition that has done nothing so far; what the part has at this moment
   * goes. Throws EINVAL for what is none of its.
   */
  restore(from: ImageReader): void;
}

/**
 * What an image of a kernel is made of. Restored in the order of registration, and saved in reverse: who stands on
 * others is asked first what is its own, and is put back last.
 */
export class ImageParts {
  readonly #parts = new Map<string, ImagePart>();

  /** Takes part in every image. `name`: unique. Returns the function that ends that. */
  register(name: string, part: ImagePart): () => void {
    if (this.#parts.has(name)) throw new TypeError(`an image has a part '${name}' already`);
    this.#parts.set(name, part);
    return () => {
      this.#parts.delete(name);
    };
  }

  /** The parts by name. */
  save(): { readonly [name: string]: ImageValue } {
    for (const part of this.#parts.values()) part.begin?.();
    const saved = [...this.#parts].reverse().map(([name, part]): [string, ImageValue] => [name, part.save()]);
    return Object.fromEntries(saved.reverse());
  }

  /** Throws EINVAL for an image that has other parts. */
  restore(from: ImageReader): void {
    const there = from.entries().map(([name]) => name);
    const missing = [...this.#parts.keys()].find((name) => !there.includes(name));
    const unknown = there.find((name) => !this.#parts.has(name));
    if (missing !== undefined) throw from.invalid(`the state of every part, '${missing}' too`);
    if (unknown !== undefined) throw from.invalid(`without '${unknown}', which this composition does not have`);
    for (const [name, part] of this.#parts) part.restore(from.field(name));
  }
}
