import { X86DebugUnit } from '@hwbp/arch-x86';

/** Who has the registers, by the address that DR0 watches. */
export type Holders = ReadonlyMap<bigint, string>;

interface Row {
  readonly time: number;
  readonly lane: string;
  text: string;
}

/** Writes down who has a CPU's debug registers, from what software writes to them. */
export class Timeline {
  readonly #holders: Holders;
  readonly #now: () => number;
  readonly #rows: Row[] = [];
  #holder: string | undefined;

  constructor(holders: Holders, now: () => number) {
    this.#holders = holders;
    this.#now = now;
  }

  /** DR7 was written. */
  written(unit: X86DebugUnit): void {
    const enabled = (unit.control & 0xff) !== 0;
    const holder = enabled ? (this.#holders.get(unit.address(0)) ?? 'somebody') : undefined;
    if (holder !== undefined && holder !== this.#holder)
      this.#rows.push({ time: this.#now(), lane: holder, text: '#' });
    this.#holder = holder;
  }

  /** Something happened to whoever has them. */
  note(lane: string, text: string): void {
    this.#rows.push({ time: this.#now(), lane, text });
  }

  /** A lane for each holder, a line for each change. */
  toString(): string {
    const lanes = [...this.#holders.values()];
    const head = `     us  ${lanes.map((lane) => lane.padEnd(16)).join('')}`;
    const rows = this.#rows.map(({ time, lane, text }) => {
      const at = String(Math.round(time / 1000)).padStart(7);
      return `${at}  ${' '.repeat(16 * lanes.indexOf(lane))}${text}`;
    });
    return [head.trimEnd(), ...rows].join('\n');
  }
}

/** A debug unit that tells a timeline what is written to its DR7. */
export class WatchedUnit extends X86DebugUnit {
  timeline: Timeline | undefined;

  override setControl(value: number): void {
    super.setControl(value);
    this.timeline?.written(this);
  }
}
