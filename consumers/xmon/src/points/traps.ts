import { highHalf, lowHalf, type Machine } from '@hwbp/core';

/**
 * Software breakpoints of the machine that are xmon's: in place while it runs, away while xmon has it, so that nobody
 * sees them (Linux: insert_bpts and remove_bpts). Where somebody else has planted one already there is nothing to do.
 */
export class Traps {
  readonly #machine: Machine;
  readonly #planted = new Set<bigint>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  plant(addresses: Iterable<bigint>): void {
    const { planted } = this.#machine;
    for (const address of addresses) {
      if (planted.has(highHalf(address), lowHalf(address))) continue;
      planted.plant(address);
      this.#planted.add(address);
    }
  }

  lift(): void {
    for (const address of this.#planted) this.#machine.planted.lift(address);
    this.#planted.clear();
  }
}
