/** How often a virtual CPU has left, by what for; and how often it has entered. */
export interface VcpuStats {
  readonly entries: number;
  readonly exits: Readonly<Record<string, number>>;
}

/** Entries and exits of one virtual CPU, and what its host's kernel has yet to do for the latest. */
export class ExitLog {
  /** Where the host's kernel has yet to execute. */
  readonly owed: bigint[] = [];
  /** An instruction is completed: to enter for that, and to leave again, is no entry and no exit. @settable */
  completing = false;
  #entries = 0;
  readonly #exits = new Map<string, number>();

  get stats(): VcpuStats {
    return { entries: this.#entries, exits: Object.fromEntries(this.#exits) };
  }

  entered(): void {
    if (!this.completing) this.#entries++;
  }

  /** `path`: where the host's kernel executes for it. */
  left(name: string, path: readonly bigint[]): void {
    if (this.completing) return;
    this.#exits.set(name, (this.#exits.get(name) ?? 0) + 1);
    this.owed.push(...path);
  }
}
