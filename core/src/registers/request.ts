import type { Delivery, HwBreakpointAttr } from '../arch/index.js';
import type { Task } from '../kernel/index.js';
import type { Breakpoint } from './breakpoint.js';
import type { HitHandler } from './hit.js';

/** What the owner is told by policies that displace. */
export interface PlacementNotices {
  /** The breakpoint lost its register and waits. */
  readonly uninstalled?: (breakpoint: Breakpoint) => void;
  /** It got one (again). */
  readonly installed?: (breakpoint: Breakpoint) => void;
}

/** A breakpoint that is asked for: by a registration, for an event that is opened, or for a child that inherits. */
export interface BreakpointRequest {
  readonly attr: HwBreakpointAttr;
  /** The task that it follows; `undefined`: whatever runs on {@link cpu}. */
  readonly task: Task | undefined;
  /** The CPU that it is bound to; -1: any (only with a task). */
  readonly cpu: number;
  /** Name in refusals. */
  readonly owner: string;
  /** For policies that know priorities: higher wins. */
  readonly priority: number;
  readonly delivery: Delivery;
  /** The caller may watch kernel addresses. */
  readonly privileged: boolean;
  readonly handler: HitHandler;
  readonly notices: PlacementNotices;
  /** False: refused where a slot policy would let it wait. Left out: it may wait. */
  readonly waits?: boolean;
  /** What the requests for each CPU of one wide request have in common. */
  readonly wide?: object | undefined;
  /** It goes on from an image: its CPU may be away, as it was then. */
  readonly revived?: boolean;
  /** The breakpoint of the parent task that it was inherited from. */
  readonly parent?: Breakpoint;
  /** Called once the slot is reserved and the request is valid; may still refuse, by throwing. */
  readonly confirm?: () => void;
}

/** Fields that a modification may change. */
export type BreakpointChange = Partial<Pick<HwBreakpointAttr, 'bp_type' | 'bp_addr' | 'bp_len' | 'disabled'>>;

/** How a breakpoint is modified. */
export interface ModifyOptions {
  /** False: the caller may not watch kernel addresses. Default: as it was registered. */
  readonly privileged?: boolean;
  /** The attributes as the caller gave them, where they say more than what changes: these are validated. */
  readonly asked?: HwBreakpointAttr;
  /** Called once the new settings are valid, before anything changes; may still refuse, by throwing. */
  readonly confirm?: () => void;
}
