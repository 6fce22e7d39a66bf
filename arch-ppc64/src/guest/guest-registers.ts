import type { Watch, WatchLayout, WatchValue } from '../silicon/watch-layout.js';

const NOTHING: WatchValue = Object.freeze({ hi: 0, lo: 0, control: 0 });

const isArmed = ({ conditions, privileges }: Watch): boolean => conditions !== 0 && privileges !== 0;

/** The debug registers of one virtual CPU (Linux: kvm_vcpu_arch.dawr0, dawrx0, ciabr, shregs.dar and dsisr). */
export class GuestRegisters {
  readonly layouts: readonly WatchLayout[];
  readonly #watches: WatchValue[];
  /** What takes the place of the guest's while somebody debugs it by breakpoints. */
  #override: readonly (WatchValue | undefined)[] | undefined;
  #ciabr = 0n;
  /** Of the guest's latest data storage interrupt. @settable */
  dar = 0n;
  /** @settable */
  dsisr = 0;

  constructor(layouts: readonly WatchLayout[]) {
    this.layouts = layouts;
    this.#watches = layouts.map(() => NOTHING);
  }

  /** What the guest has in a watch register. */
  watch(register: number): WatchValue {
    return this.#watches[register] ?? NOTHING;
  }

  /** Writes a watch register. False: it holds that already. */
  setWatch(register: number, value: WatchValue): boolean {
    const { hi, lo, control } = this.watch(register);
    if (hi === (value.hi | 0) && lo === (value.lo | 0) && control === value.control) return false;
    this.#watches[register] = { hi: value.hi | 0, lo: value.lo | 0, control: value.control };
    return true;
  }

  get ciabr(): bigint {
    return this.#ciabr;
  }

  /** Writes CIABR. False: it holds that already. */
  setCiabr(value: bigint): boolean {
    if (this.#ciabr === value) return false;
    this.#ciabr = value;
    return true;
  }

  /** True while somebody debugs the guest by breakpoints of their own. */
  get overridden(): boolean {
    return this.#override !== undefined;
  }

  /** Somebody's breakpoints take the place of the guest's; `undefined`: they are back. */
  override(watches: readonly (WatchValue | undefined)[] | undefined): void {
    this.#override = watches;
  }

  /** What an entry loads of the watch registers: those that are armed, by number. */
  get loads(): readonly (readonly [register: number, value: WatchValue])[] {
    const loads: [number, WatchValue][] = [];
    for (const [register, layout] of this.layouts.entries()) {
      const value = this.#override === undefined ? this.watch(register) : this.#override[register];
      if (value !== undefined && isArmed(layout.decode(value))) loads.push([register, value]);
    }
    return loads;
  }

  /** What an entry loads of CIABR; 0: nothing. */
  get loadedCiabr(): bigint {
    return this.overridden || (this.#ciabr & 3n) === 0n ? 0n : this.#ciabr;
  }

  /** As after power-on. */
  reset(): void {
    this.#watches.fill(NOTHING);
    this.#ciabr = 0n;
    this.dar = 0n;
    this.dsisr = 0;
  }
}
