import { type Architecture, architecture, defineSlotPolicy, type SlotPolicy, type SlotPolicyPlugin } from '@hwbp/core';

/** What handlers throw on purpose. */
export const DELIBERATE = new Error('a handler threw');

/** What of the hardware is out of order now. `throws`: installing ends with an error; `full`: there is no register. */
export class Faults {
  readonly #broken = { throws: new Set<bigint | number>(), full: new Set<bigint | number>() };

  /** An address to watch, or a counter's config. */
  set(how: 'throws' | 'full', what: bigint | number, broken: boolean): void {
    if (broken) this.#broken[how].add(what);
    else this.#broken[how].delete(what);
  }

  /** Nothing can be put into a register for that address. */
  failsAt(address: bigint): boolean {
    return this.#broken.throws.has(address) || this.#broken.full.has(address);
  }

  /** Such a counter cannot be started: it says so, or throws. */
  failsCounter(config: number): boolean {
    if (this.#broken.throws.has(config)) return true;
    return this.#broken.full.has(config);
  }

  /** The architecture, with drivers that fail so. */
  arch(arch: Architecture): Architecture {
    const { backend } = arch;
    const createDriver: typeof backend.createDriver = (...args) => {
      const driver = backend.createDriver(...args);
      const install = driver.install.bind(driver);
      driver.install = (register, occupant) => {
        if (this.#broken.throws.has(occupant.info.address)) throw new Error('the debug unit is out of order');
        install(register, occupant);
      };
      return driver;
    };
    return architecture(Object.assign(Object.create(backend), { createDriver }), arch);
  }

  /** The policy, which finds no register where none works. */
  policy({ name, create }: SlotPolicyPlugin): SlotPolicyPlugin {
    return defineSlotPolicy(name, (host): SlotPolicy => {
      const policy = create(host);
      const place = policy.place.bind(policy);
      policy.place = (claim, occupied) => (this.#broken.full.has(claim.address) ? -1 : place(claim, occupied));
      return policy;
    });
  }
}
