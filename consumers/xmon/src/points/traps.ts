import { hex, type Machine } from '@hwbp/core';
import { OWNER } from '../parts.js';
import { Refusal } from '../refusal.js';

/**
 * Software breakpoints of the machine that are xmon's: in place while it runs, away while xmon has it, so that nobody
 * sees them (Linux: insert_bpts and remove_bpts). Each address has one, and that is somebody's.
 */
export class Traps {
  readonly #machine: Machine;
  readonly #planted = new Set<bigint>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Refuses an address at which somebody else has one: that would be taken away, or told of what is not its own. */
  requireFree(address: bigint): void {
    const owner = this.#machine.planted.ownerOf(address);
    if (owner === undefined || owner === OWNER) return;
    throw new Refusal(`There is a breakpoint of ${owner === '' ? 'somebody else' : owner} at ${hex(address)} already`);
  }

  plant(addresses: Iterable<bigint>): void {
    const { planted } = this.#machine;
    for (const address of addresses) {
      if (planted.ownerOf(address) !== undefined) continue;
      planted.plant(address, OWNER);
      this.#planted.add(address);
    }
  }

  lift(): void {
    for (const address of this.#planted) this.#machine.planted.lift(address);
    this.#planted.clear();
  }
}
