import type { ArchBreakpoint, Delivery, HwBreakpointAttr } from '../arch/index.js';
import type { Task } from '../kernel/index.js';
import { Breakpoint } from './breakpoint.js';
import type { BreakpointState } from './breakpoint-fields.js';
import type { SlotClaim } from './claim.js';
import type { Dense } from './dense-set.js';
import type { HitHandler } from './hit.js';
import type { UninstallReason } from './register-hooks.js';
import type { Keeper, Registration } from './registration.js';
import type { BreakpointRequest, PlacementNotices } from './request.js';

const NOT_PARSED: ArchBreakpoint = Object.freeze({ address: 0n, length: 0, kernelSpace: false });

/** A registered breakpoint as this room has it: the only one that writes it. */
export class BreakpointRecord implements Registration, SlotClaim, Dense {
  attr: HwBreakpointAttr;
  /** The architecture's encoding. */
  info: ArchBreakpoint = NOT_PARSED;
  slotClass: SlotClaim['slotClass'];
  readonly weight = 1;
  readonly task: Task | undefined;
  readonly cpu: number;
  readonly owner: string;
  readonly priority: number;
  waits: boolean;
  readonly wide: object | undefined;
  readonly delivery: Delivery;
  readonly privileged: boolean;
  readonly handler: HitHandler;
  readonly notices: PlacementNotices;
  readonly keeper: Keeper;
  scheduled: unknown = undefined;
  state: BreakpointState = 'waiting';
  hits = 0;
  serial = 0;
  onCpu = -1;
  register = -1;
  /** Free for the policy that admitted the claim. */
  account: unknown = undefined;
  /** Its place among the registered breakpoints. */
  index = -1;
  /** Why it leaves its register, if it does so now, and for whom. */
  leaves: UninstallReason = 'switched';
  leavesFor: BreakpointRecord | undefined;
  readonly view: Breakpoint;

  constructor(request: BreakpointRequest, slotClass: SlotClaim['slotClass'], keeper: Keeper) {
    // The caller may go on with its object, for the next request.
    this.attr = { ...request.attr };
    this.slotClass = slotClass;
    this.task = request.task;
    this.cpu = request.cpu;
    this.owner = request.owner;
    this.priority = request.priority;
    this.waits = request.waits ?? true;
    this.wide = request.wide;
    this.delivery = request.delivery;
    this.privileged = request.privileged;
    this.handler = request.handler;
    this.notices = request.notices;
    this.keeper = keeper;
    this.view = new Breakpoint(this, request.parent);
  }

  /** What takes it out of its register inside `action` has this reason, unless it has one already. */
  leaving(why: UninstallReason, action: () => void, by?: BreakpointRecord): void {
    if (this.leaves !== 'switched') {
      action();
      return;
    }
    [this.leaves, this.leavesFor] = [why, by];
    try {
      action();
    } finally {
      [this.leaves, this.leavesFor] = ['switched', undefined];
    }
  }

  /** New settings. */
  write(attr: HwBreakpointAttr, info: ArchBreakpoint): void {
    this.attr = attr;
    this.info = info;
  }

  get pinned(): boolean {
    return this.attr.pinned !== false;
  }

  get address(): bigint {
    return this.attr.bp_addr;
  }

  get length(): number | bigint {
    return this.attr.bp_len;
  }
}
