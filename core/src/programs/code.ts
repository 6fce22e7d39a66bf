import { coreError } from '../errors/index.js';
import { notWritable } from '../image/index.js';

/** A function of a kernel's text: a handler, the factory of a program, whatever a composition names. */
export type NamedFunction = (...args: never[]) => unknown;

/**
 * The functions of a kernel that its composition has given names. What is written down of a kernel refers to functions
 * by them, as a core image refers to text by address: the text itself comes with the next composition.
 */
export class Code {
  readonly #functions: ReadonlyMap<string, NamedFunction>;
  readonly #names: ReadonlyMap<unknown, string>;

  constructor(functions: Readonly<Record<string, NamedFunction>> = {}) {
    this.#functions = new Map(Object.entries(functions));
    this.#names = new Map([...this.#functions].map(([name, one]) => [one, name]));
  }

  /** All names. */
  get names(): readonly string[] {
    return [...this.#functions.keys()];
  }

  /** The name of a function. Throws EBUSY for one without; `what` it is, for the message. */
  nameOf(one: unknown, what: string): string {
    const name = this.#names.get(one);
    if (name !== undefined) return name;
    throw notWritable(`${what} is a function without a name; name it in the option code, as in code: { myHandler }`);
  }

  /** True for a function that has a name. */
  knows(one: unknown): boolean {
    return this.#names.has(one);
  }

  /** The function of a name. Throws EINVAL if this composition has none. */
  find(name: string): NamedFunction {
    const found = this.#functions.get(name);
    if (found !== undefined) return found;
    const known = this.names.join(', ') || 'none';
    throw coreError('IMAGE_INVALID', `the image refers to the function '${name}'; this composition names: ${known}`);
  }
}
