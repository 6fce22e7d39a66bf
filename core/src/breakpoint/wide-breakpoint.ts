import type { HwBreakpointAttr } from '../arch/index.js';
import type { Breakpoint } from '../registers/index.js';

/** What is known of a wide breakpoint. */
export interface WideFields {
  readonly attr: HwBreakpointAttr;
  readonly owner: string;
  readonly members: ReadonlyMap<number, Breakpoint>;
}

/** One request on every online CPU: a breakpoint for each, by CPU number. Nothing in it can be assigned. */
export class WideBreakpoint {
  readonly #fields: WideFields;

  /** Use `registerWide`. */
  constructor(fields: WideFields) {
    this.#fields = fields;
  }

  /** As registered or last modified: what CPUs that come online get. */
  get attr(): HwBreakpointAttr {
    return this.#fields.attr;
  }

  get owner(): string {
    return this.#fields.owner;
  }

  /** By CPU number, a copy: it changes as CPUs come and go. */
  get members(): ReadonlyMap<number, Breakpoint> {
    return new Map(this.#fields.members);
  }

  /** Hits on all CPUs that are online now. */
  get hits(): number {
    let hits = 0;
    for (const member of this.#fields.members.values()) hits += member.hits;
    return hits;
  }
}
