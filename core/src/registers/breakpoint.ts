import type { Delivery, HwBreakpointAttr, SlotClass } from '../arch/index.js';
import { shown } from '../errors/index.js';
import type { Task } from '../kernel/index.js';
import type { BreakpointFields, BreakpointState } from './breakpoint-fields.js';

/** What stands behind a view: for this room only. */
export let fieldsOf: (breakpoint: Breakpoint) => BreakpointFields;

/**
 * A registered breakpoint, as its owner holds it and its handler sees it. It shows how things are at the moment, and
 * nothing in it can be assigned: it changes through the breakpoint API only.
 */
export class Breakpoint implements BreakpointFields {
  readonly #fields: BreakpointFields;
  readonly #parent: Breakpoint | undefined;
  /** What {@link attr} has shown last, and of what it is a copy: made only where somebody looks. */
  #shown: HwBreakpointAttr | undefined;
  #shownOf: HwBreakpointAttr | undefined;

  static {
    fieldsOf = (breakpoint) => {
      if (typeof breakpoint === 'object' && breakpoint !== null && #fields in breakpoint) return breakpoint.#fields;
      const what = 'breakpoint is a breakpoint, as registerUser and registerCpu return it';
      throw new TypeError(`${what}, got ${shown(breakpoint)}`);
    };
  }

  /** Use the breakpoint API. */
  constructor(fields: BreakpointFields, parent: Breakpoint | undefined) {
    this.#fields = fields;
    this.#parent = parent;
  }

  /** What was asked for: a frozen copy. */
  get attr(): HwBreakpointAttr {
    const { attr } = this.#fields;
    if (this.#shownOf !== attr) {
      this.#shownOf = attr;
      this.#shown = Object.freeze({ ...attr });
    }
    return this.#shown as HwBreakpointAttr;
  }

  get state(): BreakpointState {
    return this.#fields.state;
  }

  get hits(): number {
    return this.#fields.hits;
  }

  get task(): Task | undefined {
    return this.#fields.task;
  }

  get cpu(): number {
    return this.#fields.cpu;
  }

  get onCpu(): number {
    return this.#fields.onCpu;
  }

  get register(): number {
    return this.#fields.register;
  }

  get owner(): string {
    return this.#fields.owner;
  }

  get priority(): number {
    return this.#fields.priority;
  }

  get delivery(): Delivery {
    return this.#fields.delivery;
  }

  get privileged(): boolean {
    return this.#fields.privileged;
  }

  get slotClass(): SlotClass {
    return this.#fields.slotClass;
  }

  /** Inherited over fork: the breakpoint that was registered. */
  get parent(): Breakpoint | undefined {
    return this.#parent;
  }

  get pinned(): boolean {
    return this.#fields.pinned;
  }

  get address(): bigint {
    return this.#fields.address;
  }

  get length(): number | bigint {
    return this.#fields.length;
  }

  /** True unless it is disabled or unregistered. */
  get enabled(): boolean {
    const { state, attr } = this.#fields;
    return state !== 'released' && attr.disabled !== true;
  }
}
