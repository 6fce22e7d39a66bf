import { Lanes, type OpenRow } from './lanes.js';

/** What is said of registers that are set aside. */
export const SET_ASIDE = 'set aside';

/**
 * When the registers of each CPU of a machine are set aside. There is one set in the silicon: between a guest's entry
 * and its exit it has the guest's values, and the host's wait in memory; outside of that it is the other way around.
 * A guest with guests of its own is both.
 */
export class Away {
  readonly lanes: Lanes;
  readonly #text: number;
  readonly #from: number;
  /** Of which CPUs an entry or exit was seen. */
  readonly #seen: boolean[];
  /** Entries without their exit, by CPU; a host is one deep from the beginning. Who is one deep has the silicon. */
  readonly #deep: number[];
  /** Since when a CPU's registers are set aside. */
  readonly #since: (number | undefined)[];

  /** `from`: where the machine begins. `text`: the index of {@link SET_ASIDE} in the texts. */
  constructor(machine: { readonly guest: boolean; readonly cpus: number; readonly from: number }, text: number) {
    const { guest, cpus, from } = machine;
    this.lanes = new Lanes(cpus);
    this.#text = text;
    this.#from = from;
    this.#seen = new Array(cpus).fill(false);
    this.#deep = new Array(cpus).fill(guest ? 0 : 1);
    this.#since = new Array(cpus).fill(guest ? from : undefined);
  }

  /** A guest enters, or leaves, on a CPU: of the host, or its own. */
  take(kind: 'guest-entry' | 'guest-exit', cpu: number, count: number): void {
    // Where an exit is the first thing that is known, the entry was lost.
    if (!this.#seen[cpu] && kind === 'guest-exit') this.#step(cpu, 1, this.#from);
    this.#seen[cpu] = true;
    this.#step(cpu, kind === 'guest-entry' ? 1 : -1, count);
  }

  /** Those that are away still. `to`: up to when that is known. */
  open(to: number): readonly OpenRow[] {
    return this.#since.flatMap((from, lane) =>
      from === undefined || from >= to ? [] : [{ ...this.#row(from, to), lane }],
    );
  }

  #step(cpu: number, by: number, count: number): void {
    const deep = (this.#deep[cpu] ?? 0) + by;
    this.#deep[cpu] = deep;
    const since = this.#since[cpu];
    if (deep !== 1) {
      this.#since[cpu] = since ?? count;
      return;
    }
    if (since !== undefined && count > since) this.lanes.add(cpu, this.#row(since, count));
    this.#since[cpu] = undefined;
  }

  #row(from: number, to: number) {
    return { from, to, key: 0, text: this.#text, label: this.#text };
  }
}
