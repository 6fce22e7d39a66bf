import type { Delivery, HwBreakpointAttr, SlotClass } from '../arch/index.js';
import { hex } from '../hardware/index.js';
import type { Task } from '../kernel/index.js';

/**
 * `waiting`: registered, but the slot policy has not granted it a register. `off`: disabled. `inactive`: enabled, not
 * in a register now. `active`: in a register. `released`: unregistered, for good.
 */
export type BreakpointState = 'waiting' | 'off' | 'inactive' | 'active' | 'released';

/** What is known of a registered breakpoint. */
export interface BreakpointFields {
  /** What it watches, as registered or last modified. */
  readonly attr: HwBreakpointAttr;
  readonly state: BreakpointState;
  /** Hits that were not dropped, since registration. */
  readonly hits: number;
  /** The task that it follows; `undefined`: whatever runs on its CPU. */
  readonly task: Task | undefined;
  /** The CPU that it is bound to; -1: any. */
  readonly cpu: number;
  /** CPU and register that it is in while active; -1 otherwise. */
  readonly onCpu: number;
  readonly register: number;
  readonly owner: string;
  readonly priority: number;
  readonly delivery: Delivery;
  /** Its owner may watch kernel addresses. */
  readonly privileged: boolean;
  readonly slotClass: SlotClass;
  readonly pinned: boolean;
  readonly address: bigint;
  readonly length: number | bigint;
}

/** What messages call a breakpoint. */
export function nameOf({ owner, address }: Pick<BreakpointFields, 'owner' | 'address'>): string {
  return `${owner}'s breakpoint at ${hex(address)}`;
}
