import type { HwBreakpointAttr } from '../arch/index.js';
import type { Breakpoint, HitHandler } from '../registers/index.js';
import type { RegisterOptions } from './register-options.js';

/** One request on every online CPU: a breakpoint for each, by CPU number. */
export class WideBreakpoint {
  /** As registered or last modified: what CPUs that come online get. */
  attr: HwBreakpointAttr;
  readonly handler: HitHandler;
  readonly options: RegisterOptions;
  /** Changes as CPUs come and go; do not keep it. */
  readonly members: ReadonlyMap<number, Breakpoint>;

  /** Use `registerWide`. */
  constructor(
    attr: HwBreakpointAttr,
    handler: HitHandler,
    options: RegisterOptions,
    members: ReadonlyMap<number, Breakpoint>,
  ) {
    this.attr = attr;
    this.handler = handler;
    this.options = options;
    this.members = members;
  }

  get owner(): string {
    return this.options.owner ?? 'kernel';
  }

  /** Hits on all CPUs that are online now. */
  get hits(): number {
    let hits = 0;
    for (const member of this.members.values()) hits += member.hits;
    return hits;
  }
}
