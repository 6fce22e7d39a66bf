import { callError } from '../errors.js';
import type { OpenFile } from './file.js';

/** Descriptors that a process has at most (Linux: RLIMIT_NOFILE). */
const MOST = 1024;

/** A file that was opened: descriptors share it. */
class Description {
  readonly file: OpenFile;
  #holders = 0;

  constructor(file: OpenFile) {
    this.file = file;
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (--this.#holders === 0) this.file.close?.();
  }
}

/** How a descriptor is opened. */
export interface DescriptorFlags {
  /** It is closed when the process executes another program (O_CLOEXEC). */
  readonly closeOnExec?: boolean;
  /** What would have to wait is EAGAIN (O_NONBLOCK). */
  readonly nonBlocking?: boolean;
}

interface Descriptor extends DescriptorFlags {
  readonly description: Description;
}

/** The open files of a process, by descriptor. */
export class Descriptors {
  readonly #open = new Map<number, Descriptor>();

  /** Numbers that are taken, in order. */
  get numbers(): readonly number[] {
    return [...this.#open.keys()].sort((a, b) => a - b);
  }

  /**
   * Opens a file; returns the lowest number that is free. One that is open already is shared: it is closed with its
   * last descriptor. Throws EMFILE where there is no number.
   */
  open(file: OpenFile, flags: DescriptorFlags = {}): number {
    let number = 0;
    while (this.#open.has(number)) number++;
    if (number >= MOST) throw callError('CALL_NO_DESCRIPTOR', `a process has at most ${MOST} descriptors`);
    this.#open.set(number, { ...flags, description: this.#describe(file).hold() });
    return number;
  }

  /** The file of a descriptor. Throws EBADF where there is none. */
  get(number: number): { readonly file: OpenFile; readonly nonBlocking: boolean } {
    const { description, nonBlocking = false } = this.#find(number);
    return { file: description.file, nonBlocking };
  }

  /** Throws EBADF for one that is not open. */
  close(number: number): void {
    const { description } = this.#find(number);
    this.#open.delete(number);
    description.release();
  }

  /** A child's: the same files. */
  copy(): Descriptors {
    const copy = new Descriptors();
    for (const [number, one] of this.#open) copy.#open.set(number, { ...one, description: one.description.hold() });
    return copy;
  }

  /** The process executes another program. */
  exec(): void {
    for (const [number, { closeOnExec }] of this.#open) if (closeOnExec === true) this.close(number);
  }

  closeAll(): void {
    for (const number of this.numbers) this.close(number);
  }

  #describe(file: OpenFile): Description {
    for (const { description } of this.#open.values()) if (description.file === file) return description;
    return new Description(file);
  }

  #find(number: number): Descriptor {
    const found = this.#open.get(number);
    if (found !== undefined) return found;
    const open = this.numbers.join(', ') || 'none';
    throw callError('CALL_BAD_DESCRIPTOR', `descriptor ${number} is not open; there are ${open}`, { number });
  }
}
