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

/** `w counter` of `w 0x1000+8 counter`: what has a name needs no address where there is little room. */
export function briefly(what: string): string {
  return what.replace(/(^| )([rwx]+) 0x[0-9a-f]+\+\d+ (\S+)$/, '$1$2 $3');
}
