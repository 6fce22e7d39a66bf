import type { HwBreakpointAttr } from '../arch/index.js';
import type { IpiCall } from '../kernel/index.js';
import type { Breakpoint } from '../registers/index.js';

/** What is known of a wide breakpoint. */
export interface WideFields {
  readonly attr: HwBreakpointAttr;
  readonly owner: string;
  readonly members: ReadonlyMap<number, Breakpoint>;
  readonly call?: IpiCall | undefined;
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

  /**
   * CPUs that have yet to do what was asked last: in a kernel whose wide breakpoints travel by IPI. Empty elsewhere,
   * and as soon as all have.
   */
  get pending(): readonly number[] {
    return this.#fields.call?.left ?? [];
  }

  /** The call that {@link pending} is of, whose `wait()` a program may wait for; `undefined`: none was needed. */
  get call(): IpiCall | undefined {
    return this.#fields.call;
  }

  /** Hits on all CPUs that are online now. */
  get hits(): number {
    let hits = 0;
    for (const member of this.#fields.members.values()) hits += member.hits;
    return hits;
  }
}
