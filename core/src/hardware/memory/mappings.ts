/** Tells whoever keeps pages that they may not be what is under their addresses any more. */
export class Mappings {
  #changes = 0;

  /** How often something was mapped otherwise. */
  get changes(): number {
    return this.#changes;
  }

  /** Something is mapped otherwise from now on, or other bytes are in a frame. */
  changed(): void {
    this.#changes++;
  }
}
