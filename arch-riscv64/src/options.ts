/** Facts of the hart and of the kernel's build. */
export interface Riscv64Options {
  /** Address/data triggers, every one of them usable for data and for execution. Default 4. */
  readonly triggers?: 2 | 4 | 16;
  /** `mcontrol6` (default), or the deprecated type 2. */
  readonly triggerType?: 'mcontrol6' | 'mcontrol';
  /** Bytes of the largest NAPOT range, a power of two from 8 to 2^31. Default 4096. */
  readonly largestRange?: number;
  /** When loads and stores are reported; execution always before. Default `before`, as the specification suggests. */
  readonly dataTiming?: 'before' | 'after';
  /**
   * Whether the hit bits of tdata1 are implemented. Default true. Without them the driver finds out by stval and
   * decoding.
   */
  readonly hitBits?: boolean;
  /**
   * `all` (default): every byte of an access is a compare value, as recommended. `lowest`: only its first, as allowed.
   */
  readonly compareValues?: 'all' | 'lowest';
  /** Virtual memory: Sv48 (default) or Sv39. */
  readonly virtualMemory?: 'sv39' | 'sv48';
}

export type Riscv64Config = Required<Riscv64Options>;

const DEFAULTS: Riscv64Config = {
  triggers: 4,
  triggerType: 'mcontrol6',
  largestRange: 4096,
  dataTiming: 'before',
  hitBits: true,
  compareValues: 'all',
  virtualMemory: 'sv48',
};

/** Fills in the defaults. Throws a TypeError for what no hart can be. */
export function configOf(options: Riscv64Options): Riscv64Config {
  const config = { ...DEFAULTS, ...options };
  const { triggers, largestRange } = config;
  if (![2, 4, 16].includes(triggers)) throw new TypeError(`riscv64: 2, 4 or 16 triggers, got ${triggers}`);
  const exponent = Math.log2(largestRange);
  if (!Number.isInteger(exponent) || exponent < 3 || exponent > 31) {
    throw new TypeError(`riscv64: largestRange is a power of two from 8 to 2^31, got ${largestRange}`);
  }
  return Object.freeze(config);
}
