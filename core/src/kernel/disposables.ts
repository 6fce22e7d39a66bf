/** Ends what was begun: unhooks, in the reverse order of hooking. */
export class Disposables implements Disposable {
  readonly #ends: (() => void)[] = [];

  add(...ends: readonly (() => void)[]): void {
    this.#ends.push(...ends);
  }

  /** True if nothing is left to end. */
  get empty(): boolean {
    return this.#ends.length === 0;
  }

  [Symbol.dispose](): void {
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) end();
  }
}
