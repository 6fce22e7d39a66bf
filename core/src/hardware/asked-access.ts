import { joinHalves } from './address.js';
import type { DecodedInstruction } from './instruction.js';
import { FILTER_READ, type FilterPart } from './watch-filter.js';

/**
 * The access that a CPU's debug unit was asked about last: all that is known of an instruction that nobody describes.
 */
export class AskedAccess {
  #part: FilterPart = FILTER_READ;
  #hi = 0;
  #lo = 0;
  #size = 0;

  set(part: FilterPart, hi: number, lo: number, size: number): void {
    this.#part = part;
    this.#hi = hi;
    this.#lo = lo;
    this.#size = size;
  }

  /** An instruction of this one access. */
  get decoded(): DecodedInstruction {
    const kind = this.#part === FILTER_READ ? 'read' : 'write';
    return { accesses: [{ kind, address: joinHalves(this.#hi, this.#lo), size: this.#size }] };
  }
}
