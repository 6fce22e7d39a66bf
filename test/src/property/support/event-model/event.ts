import type { EventAttr, Mode, Task } from '@hwbp/core';
import type { ModelContext } from './context.js';

/** Names of the states of spec 4.3, with the order that it gives them. */
export type ModelState = 'DEAD' | 'EXIT' | 'ERROR' | 'OFF' | 'INACTIVE' | 'ACTIVE';

/** What an event counts. */
export type Counted =
  | { readonly kind: 'breakpoint' }
  /** Nanoseconds in which it is on. */
  | { readonly kind: 'clock' }
  /** Context switches. */
  | { readonly kind: 'switches' }
  /** A place in a group. */
  | { readonly kind: 'nothing' }
  /** Instructions, or accesses, that retire. */
  | { readonly kind: 'counter'; readonly of: 'instructions' | 'accesses' };

/** What a breakpoint watches. */
export interface Watch {
  readonly bp_type: number;
  readonly bp_addr: bigint;
  readonly bp_len: number;
}

/** How a model of an event is made. */
export interface ModelInit {
  readonly attr: EventAttr;
  readonly counted: Counted;
  readonly task: Task | undefined;
  readonly cpu: number;
  readonly watch?: Watch | undefined;
  readonly parent?: ModelEvent;
}

/** One event of spec section 4: plain fields, and nothing that is not said there. */
export class ModelEvent {
  readonly attr: EventAttr;
  readonly counted: Counted;
  readonly task: Task | undefined;
  readonly cpu: number;
  readonly parent: ModelEvent | undefined;
  readonly children: ModelEvent[] = [];
  /** The number of the real one. */
  id = 0;
  watch: Watch | undefined;
  state: ModelState;
  /** attr.disabled of a breakpoint, which decides what a modification ends in. */
  disabled: boolean;
  enableOnExec: boolean;
  context: ModelContext | undefined;
  leader: ModelEvent = this;
  readonly siblings: ModelEvent[] = [];
  /** It is of a hardware PMU. */
  readonly hardware: boolean;
  /**
   * The hardware PMU that the group which it leads belongs to: a hardware event that joins moves the whole group there
   * (4.5), for good; `undefined`: a pure-software one, which always may go on (4.2).
   */
  home: string | undefined;

  count = 0;
  enabled = 0;
  running = 0;
  /** What children that have ended had. */
  readonly folded = { count: 0, enabled: 0, running: 0 };

  period: number;
  /** Length of the period that is running out. */
  current: number;
  /** Occurrences until it has. */
  remaining: number;
  /** Overflows until it turns itself off; 0: never. */
  limit = 0;
  /** It has turned itself off, and that is on its way. */
  stopped = false;
  /** What its handler should have been told: calls, and the sum of their periods. */
  readonly told = { overflows: 0, periods: 0, in: 0, hup: 0 };

  constructor({ attr, counted, task, cpu, watch, parent }: ModelInit, hardware: boolean) {
    this.attr = attr;
    this.counted = counted;
    this.task = task;
    this.cpu = cpu;
    this.watch = watch;
    this.parent = parent;
    this.hardware = hardware;
    this.home = hardware ? counted.kind : undefined;
    this.disabled = attr.disabled === true;
    this.state = this.disabled ? 'OFF' : 'INACTIVE';
    this.enableOnExec = attr.enable_on_exec === true;
    this.period = Number(attr.sample_period ?? 0);
    this.current = this.period;
    this.remaining = this.period;
  }

  get pinned(): boolean {
    return this.attr.pinned === true;
  }

  get exclusive(): boolean {
    return this.attr.exclusive === true;
  }

  /** INACTIVE or ACTIVE. */
  get on(): boolean {
    return this.state === 'INACTIVE' || this.state === 'ACTIVE';
  }

  get ended(): boolean {
    return this.state === 'EXIT' || this.state === 'DEAD';
  }

  /** Its enabled time advances (4.11: its leader counts too). */
  get countsTime(): boolean {
    return this.on && this.leader.on;
  }

  /** The group that it is the leader of, itself first. */
  get group(): readonly ModelEvent[] {
    return [this, ...this.siblings];
  }

  /** Hits in that mode are dropped. */
  excludes(mode: Mode): boolean {
    return mode === 'user' ? this.attr.exclude_user === true : this.attr.exclude_kernel === true;
  }

  /** An instruction that makes these accesses, or is fetched from this address, is a hit. */
  hitBy(access: { readonly address: bigint; readonly size: number; readonly condition: number }): boolean {
    const { watch } = this;
    if (watch === undefined || (watch.bp_type & access.condition) === 0) return false;
    if (watch.bp_type === 4) return access.address === watch.bp_addr;
    return (
      access.address < watch.bp_addr + BigInt(watch.bp_len) && watch.bp_addr < access.address + BigInt(access.size)
    );
  }

  toString(): string {
    return `event ${this.id} (${this.counted.kind}, ${this.state})`;
  }
}
