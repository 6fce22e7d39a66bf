import { StringDecoder } from 'node:string_decoder';
import { CONSOLE, type Console, type Kernel } from '@hwbp/core';

/** Where what is typed comes from. */
type Input = NodeJS.ReadStream;

/**
 * A kernel's console on this process's streams: what the kernel writes is shown, and what comes on standard input is
 * typed, if somebody in there reads it.
 */
export class KernelConsole implements Disposable {
  readonly #console: Console;
  readonly #input: Input | undefined;
  readonly #ends: (() => void)[] = [];
  #listens = false;
  #ended = false;
  #wake: (() => void) | undefined;

  /** `show`: is given what the kernel writes. `input`: `undefined`: somebody else reads it. */
  constructor(kernel: Kernel, show: (text: string) => void, input: Input | undefined) {
    this.#console = kernel.get(CONSOLE);
    const decoder = new StringDecoder('utf8');
    this.#ends.push(this.#console.output.add((bytes) => show(decoder.write(Buffer.from(bytes)))));
    this.#input = input;
  }

  /** The kernel has nothing to do until something is typed. False: nothing will be, or it is `interrupted` first. */
  async wait(interrupted: Promise<undefined>): Promise<boolean> {
    this.listen();
    if (!this.#listens || this.#ended) return false;
    const typed = new Promise<boolean>((resolve) => {
      this.#wake = () => resolve(true);
    });
    const come = await Promise.race([typed, interrupted]);
    this.#wake = undefined;
    return come === true;
  }

  /** Takes what comes, once somebody in there reads it. */
  listen(): void {
    const input = this.#input;
    if (this.#listens || input === undefined || this.#console.input.size === 0) return;
    this.#listens = true;
    const typed = (bytes: Buffer): void => {
      this.#console.type(bytes);
      this.#wake?.();
    };
    const ended = (): void => {
      this.#ended = true;
      this.#wake?.();
    };
    input.on('data', typed).on('end', ended).on('error', ended);
    this.#ends.push(() => void input.off('data', typed).off('end', ended).off('error', ended).pause());
  }

  [Symbol.dispose](): void {
    for (const end of this.#ends.splice(0)) end();
  }
}
