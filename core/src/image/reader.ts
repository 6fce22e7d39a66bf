import { coreError, type KernelError } from '../errors/index.js';
import type { ImageValue } from './value.js';

const UNSIGNED = /^0x[0-9a-f]+$/;
/** Characters of a path at which an image is too deep to be one. */
const DEEPEST = 2000;
const BYTES = /^(?:[0-9a-f]{2})*$/;

/**
 * A value of an image that somebody brings, and that nobody trusts: each is asked for as what it has to be. Whatever is
 * something else throws EINVAL and says where it stands, such as `tasks[2].pid`.
 */
export class ImageReader {
  readonly #value: ImageValue | undefined;
  readonly #path: string;

  /** `path`: where it stands, for messages. */
  constructor(value: ImageValue | undefined, path: string) {
    this.#value = value;
    this.#path = path;
    if (path.length > DEEPEST) {
      throw coreError('IMAGE_INVALID', `an image is not nested so deep: ${path.slice(0, 60)}...`);
    }
  }

  /** True where there is nothing. */
  get absent(): boolean {
    return this.#value === undefined || this.#value === null;
  }

  /** True for text: where something else may be, too. */
  get isText(): boolean {
    return typeof this.#value === 'string';
  }

  /** As it stands there: for whoever checks it himself. */
  get plain(): ImageValue | undefined {
    return this.#value;
  }

  /** True for `true`: where something else may be, too. */
  get isTrue(): boolean {
    return this.#value === true;
  }

  /** A field of an object; absent if it has none of that name. */
  field(name: string): ImageReader {
    const fields = this.#object();
    return new ImageReader(Object.hasOwn(fields, name) ? fields[name] : undefined, `${this.#path}.${name}`);
  }

  /** The names and values of an object. */
  entries(): readonly (readonly [string, ImageReader])[] {
    return Object.entries(this.#object()).map(([name, value]) => [
      name,
      new ImageReader(value, `${this.#path}.${name}`),
    ]);
  }

  /** The members of a list. */
  list(): readonly ImageReader[] {
    const value = this.#value;
    if (!Array.isArray(value)) throw this.invalid('a list');
    return value.map((one: ImageValue, index) => new ImageReader(one, `${this.#path}[${index}]`));
  }

  /** A whole number of a range. */
  number(least = 0, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.#value;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    throw this.invalid(`a whole number from ${least} to ${most}`);
  }

  /** An unsigned number of at most 64 bits. */
  bits(): bigint {
    return this.wideBits(64);
  }

  /** An unsigned number of at most `most` bits. */
  wideBits(most: number): bigint {
    const value = this.#value;
    if (typeof value === 'string' && UNSIGNED.test(value) && value.length <= 2 + Math.ceil(most / 4)) {
      return BigInt(value);
    }
    throw this.invalid(`hexadecimal text of at most ${most} bits`);
  }

  bytes(): Uint8Array {
    const value = this.#value;
    if (typeof value !== 'string' || !BYTES.test(value)) throw this.invalid('bytes as hexadecimal digits');
    return Uint8Array.from({ length: value.length / 2 }, (_, at) =>
      Number.parseInt(value.slice(2 * at, 2 * at + 2), 16),
    );
  }

  text(): string {
    if (typeof this.#value === 'string') return this.#value;
    throw this.invalid('text');
  }

  /** One of these texts. */
  oneOf<T extends string>(...values: readonly T[]): T {
    const found = values.find((value) => value === this.#value);
    if (found !== undefined) return found;
    throw this.invalid(values.map((value) => `"${value}"`).join(' or '));
  }

  flag(): boolean {
    if (typeof this.#value === 'boolean') return this.#value;
    throw this.invalid('true or false');
  }

  /** What it says of itself where it is wrong; `what` it has to be. */
  invalid(what: string): KernelError {
    const shown = this.#value === undefined ? 'missing' : (JSON.stringify(this.#value) ?? 'unreadable');
    const got = shown.length > 60 ? `${shown.slice(0, 60)}...` : shown;
    return coreError('IMAGE_INVALID', `${this.#path} has to be ${what}, and is ${got}; make the image again`, {
      path: this.#path,
    });
  }

  #object(): { readonly [field: string]: ImageValue } {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.invalid('an object');
    return value as { readonly [field: string]: ImageValue };
  }
}
