/** Texts, each of them once. */
export class Texts {
  readonly list: string[] = [];
  readonly #known = new Map<string, number>();

  index(text: string): number {
    let index = this.#known.get(text);
    if (index === undefined) {
      index = this.list.push(text) - 1;
      this.#known.set(text, index);
    }
    return index;
  }
}
