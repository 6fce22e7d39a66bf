import { type HwBreakpointAttr, hex, type Registration, type SymbolTable, type Task, typeLetters } from '@hwbp/core';

/** Owners that are told apart; later ones are one. */
const MOST_OWNERS = 1024;
const OTHERS = '(others)';

/** What is said of a breakpoint, until it is released. */
export interface Facts {
  /** What it was worked out from: other settings are another object. */
  readonly attr: HwBreakpointAttr;
  /** Index of the owner. */
  readonly owner: number;
  readonly what: string;
  /** `comm-pid` of the task that it is for; `undefined`: whatever runs on its CPU. */
  readonly task: string | undefined;
}

/** Names of what a history is about, worked out once for each breakpoint and task. */
export class Names {
  readonly #symbols: SymbolTable;
  readonly #facts = new Map<Registration, Facts>();
  readonly #tasks = new WeakMap<Task, { readonly comm: string; readonly name: string }>();
  readonly #owners = new Map<string, number>();

  constructor(symbols: SymbolTable) {
    this.#symbols = symbols;
  }

  /** Those that were asked for, by index. */
  get owners(): readonly string[] {
    return [...this.#owners.keys()];
  }

  ownerOf(owner: string): number {
    const known = this.#owners.get(owner);
    if (known !== undefined) return known;
    const { size } = this.#owners;
    if (size === MOST_OWNERS) return MOST_OWNERS - 1;
    this.#owners.set(size === MOST_OWNERS - 1 ? OTHERS : owner, size);
    return size;
  }

  of(registration: Registration): Facts {
    const { attr } = registration;
    const task = registration.task === undefined ? undefined : this.task(registration.task);
    const known = this.#facts.get(registration);
    if (known !== undefined && known.attr === attr && known.task === task) return known;
    const owner = known?.owner ?? this.ownerOf(registration.owner);
    const facts = { attr, owner, what: this.what(attr), task };
    this.#facts.set(registration, facts);
    return facts;
  }

  /** It is released, and nobody asks for it again. */
  forget(registration: Registration): void {
    this.#facts.delete(registration);
  }

  /** Who asks, and for what. */
  asked(registration: Registration): string {
    return `${registration.owner} ${this.of(registration).what}`;
  }

  /** `w 0x1000+8 counter`. */
  what({ bp_type, bp_addr, bp_len }: HwBreakpointAttr): string {
    const symbol = this.#symbolAt(bp_addr);
    return `${typeLetters(bp_type)} ${hex(bp_addr)}+${bp_len}${symbol === undefined ? '' : ` ${symbol}`}`;
  }

  /** `comm-pid`. */
  task(task: Task): string {
    const known = this.#tasks.get(task);
    if (known !== undefined && known.comm === task.comm) return known.name;
    const name = String(task);
    this.#tasks.set(task, { comm: task.comm, name });
    return name;
  }

  clear(): void {
    this.#facts.clear();
    this.#owners.clear();
  }

  /** A symbol table of somebody's own that throws must not change the run. */
  #symbolAt(address: bigint): string | undefined {
    try {
      const location = this.#symbols.resolve(address);
      if (location === undefined) return undefined;
      const { symbol, offset } = location;
      return offset === 0 ? symbol.name : `${symbol.name}+0x${offset.toString(16)}`;
    } catch {
      return undefined;
    }
  }
}
