import type { HistoryData } from './data.js';
import type { MachineHistory } from './machines.js';

/** What is said of registers that are set aside. */
export const SET_ASIDE = 'set aside';

/** When the registers of a CPU were set aside, in counts. */
export interface SetAsideSpan {
  readonly cpu: number;
  readonly from: number;
  readonly to: number;
}

/**
 * When the registers of each CPU of a machine are set aside. There is one set in the silicon: between a guest's entry
 * and its exit it has the guest's values, and the host's wait in memory; outside of that it is the other way around.
 * A guest with guests of its own is both.
 */
export class SetAside {
  readonly #from: number;
  /** Of which CPUs an entry or exit was seen. */
  readonly #seen: boolean[];
  /** Entries without their exit, by CPU; a host is one deep from the beginning. Who is one deep has the silicon. */
  readonly #deep: number[];
  /** Since when a CPU's registers are set aside. */
  readonly #since: (number | undefined)[];

  /** `guest`: not the host. Nobody knows anything before its `from`. */
  constructor(guest: boolean, { cpus, from }: Pick<HistoryData, 'cpus' | 'from'>) {
    this.#from = from;
    this.#seen = new Array(cpus).fill(false);
    this.#deep = new Array(cpus).fill(guest ? 0 : 1);
    this.#since = new Array(cpus).fill(guest ? from : undefined);
  }

  /** A guest enters, or leaves, on a CPU: of the host, or its own. Returns what is over by that. */
  take(kind: 'guest-entry' | 'guest-exit', cpu: number, count: number): SetAsideSpan | undefined {
    // Where an exit is the first thing that is known, the entry was lost.
    if (!this.#seen[cpu] && kind === 'guest-exit') this.#step(cpu, 1, this.#from);
    this.#seen[cpu] = true;
    return this.#step(cpu, kind === 'guest-entry' ? 1 : -1, count);
  }

  /** Those that are set aside still. `to`: up to when that is known. */
  open(to: number): readonly SetAsideSpan[] {
    return this.#since.flatMap((from, cpu) => (from === undefined || from >= to ? [] : [{ cpu, from, to }]));
  }

  #step(cpu: number, by: number, count: number): SetAsideSpan | undefined {
    const deep = (this.#deep[cpu] ?? 0) + by;
    this.#deep[cpu] = deep;
    const since = this.#since[cpu];
    if (deep !== 1) {
      this.#since[cpu] = since ?? count;
      return undefined;
    }
    this.#since[cpu] = undefined;
    return since !== undefined && count > since ? { cpu, from: since, to: count } : undefined;
  }
}

/** All of a machine, by their ends. */
export function setAsideOf({ name, data }: MachineHistory): readonly SetAsideSpan[] {
  const away = new SetAside(name !== undefined, data);
  const over = data.events.flatMap(({ kind, cpu, count }) => {
    return kind === 'guest-entry' || kind === 'guest-exit' ? (away.take(kind, cpu, count) ?? []) : [];
  });
  return [...over, ...away.open(data.to)];
}
