import type { ArchBreakpoint, Delivery, HwBreakpointAttr, Occupant, SuspendRequest } from '../arch/index.js';
import type { Cpu, Mode } from '../hardware/index.js';
import type { DieRecord, Task } from '../kernel/index.js';
import type { SlotClaim } from './claim.js';

/**
 * `waiting`: registered, but the slot policy has not granted it a register. `off`: disabled. `inactive`: enabled, not in a
 * register now. `active`: in a register. `released`: unregistered, for good.
 */
export type BreakpointState = 'waiting' | 'off' | 'inactive' | 'active' | 'released';

/** One hit, as a handler sees it. Registers are those of the moment: read what you need during the call. */
export class Hit {
  readonly breakpoint: Breakpoint;
  readonly record: DieRecord;
  /** Set by {@link suspend}. */
  suspension: SuspendRequest | undefined;

  constructor(breakpoint: Breakpoint, record: DieRecord) {
    this.breakpoint = breakpoint;
    this.record = record;
  }

  get cpu(): Cpu {
    return this.record.cpu;
  }

  /** The task that was interrupted: for a CPU's breakpoint, any task. */
  get task(): Task {
    return this.record.task;
  }

  /** The mode in which it was interrupted. */
  get mode(): Mode {
    return this.record.task.context.mode;
  }

  /** Address of the instruction that made the access. */
  get pc(): bigint {
    return this.record.cpu.pc;
  }

  /** The instruction pointer that the kernel sees: after a data hit that is reported afterwards, the next instruction's. */
  get ip(): bigint {
    return this.record.cpu.context.pc;
  }

  /** What the breakpoint watches: `bp_addr`, not the byte that was accessed. */
  get address(): bigint {
    return this.breakpoint.attr.bp_addr;
  }

  /** Stops the machine here, inside the exception; the next `machine.run` goes on with whoever else was hit. */
  suspend(reason: string, detail?: unknown): void {
    this.suspension = { reason, detail };
  }
}

/**
 * Called on a hit. It may register, modify and unregister any breakpoint, its own included. An error that it throws goes to
 * the kernel's error channel and changes nothing else.
 */
export type HitHandler = (hit: Hit) => void;

/** Where the hits of a breakpoint go: its own handler, or a scheduler that counts and decides which of them the handler sees. */
export interface HitSink {
  hit(hit: Hit): void;
}

/** What the owner is told by policies that displace. */
export interface PlacementNotices {
  /** The breakpoint lost its register and waits. */
  readonly uninstalled?: (breakpoint: Breakpoint) => void;
  /** It got one (again). */
  readonly installed?: (breakpoint: Breakpoint) => void;
}

/** How a breakpoint is made. */
export interface BreakpointInit {
  readonly attr: HwBreakpointAttr;
  readonly task: Task | undefined;
  readonly cpu: number;
  readonly owner: string;
  readonly priority: number;
  readonly delivery: Delivery;
  readonly privileged: boolean;
  readonly handler: HitHandler;
  readonly notices: PlacementNotices;
  /** The breakpoint of the parent task that it was inherited from. */
  readonly parent?: Breakpoint;
}

const NOT_PARSED: ArchBreakpoint = Object.freeze({ address: 0n, length: 0, kernelSpace: false });

/**
 * A registered breakpoint: at the same time the claim on a slot, the occupant of a register and what the consumer holds.
 * Its fields change only through the breakpoint API.
 */
export class Breakpoint implements SlotClaim, Occupant, HitSink {
  attr: HwBreakpointAttr;
  /** The architecture's encoding. */
  info: ArchBreakpoint = NOT_PARSED;
  slotClass: SlotClaim['slotClass'];
  readonly weight = 1;
  readonly task: Task | undefined;
  readonly cpu: number;
  readonly owner: string;
  readonly priority: number;
  readonly delivery: Delivery;
  /** Its owner may watch kernel addresses. */
  readonly privileged: boolean;
  readonly handler: HitHandler;
  readonly notices: PlacementNotices;
  /** Inherited over fork: the breakpoint that was registered. */
  readonly parent: Breakpoint | undefined;
  /** Who takes its hits: itself, unless the scheduler counts them. */
  sink: HitSink = this;
  /** Free for the scheduler. */
  scheduled: unknown = undefined;
  state: BreakpointState = 'off';
  /** Hits that were not dropped, since registration. */
  hits = 0;
  /** CPU and register that it is in while active; -1 otherwise. */
  onCpu = -1;
  register = -1;
  account: unknown = undefined;
  /** Its place in the list of registered breakpoints. */
  index = -1;

  /** Use the breakpoint API. */
  constructor(init: BreakpointInit, slotClass: SlotClaim['slotClass']) {
    this.attr = init.attr;
    this.slotClass = slotClass;
    this.task = init.task;
    this.cpu = init.cpu;
    this.owner = init.owner;
    this.priority = init.priority;
    this.delivery = init.delivery;
    this.privileged = init.privileged;
    this.handler = init.handler;
    this.notices = init.notices;
    this.parent = init.parent;
  }

  /** @internal Every hit is the handler's. */
  hit(hit: Hit): void {
    this.hits++;
    this.handler(hit);
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

  /** True unless it is disabled or unregistered. */
  get enabled(): boolean {
    return this.state !== 'released' && this.attr.disabled !== true;
  }
}

/** True if hits in the interrupted task's mode are dropped by the request's exclude fields. */
export function excluded(attr: HwBreakpointAttr, record: DieRecord): boolean {
  const { mode } = record.task.context;
  if (mode === 'user') return attr.exclude_user === true;
  return mode === 'kernel' ? attr.exclude_kernel === true : attr.exclude_hv === true;
}
