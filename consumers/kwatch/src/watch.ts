import type { Task } from '@hwbp/core';

/** Flags of a watch's status. */
export const HW_BREAKPOINT_REGISTERED = 1;
export const HW_BREAKPOINT_INSTALLED = 2;

/** What is known of a watch. */
export interface WatchFields {
  readonly address: bigint;
  readonly length: number;
  readonly type: number;
  readonly priority: number;
  readonly task: Task | undefined;
  readonly registered: boolean;
  readonly installed: boolean;
  readonly hits: number;
}

/** A watch as its owner holds it. It shows how things are at the moment, and nothing in it can be assigned. */
export class Watch implements WatchFields {
  readonly #fields: WatchFields;

  /** Use `registerKernel` and `registerUser`. */
  constructor(fields: WatchFields) {
    this.#fields = fields;
  }

  get address(): bigint {
    return this.#fields.address;
  }

  get length(): number {
    return this.#fields.length;
  }

  get type(): number {
    return this.#fields.type;
  }

  /** The one that counts: see the `owners` of the composition's priorities. */
  get priority(): number {
    return this.#fields.priority;
  }

  /** Whose memory it watches; `undefined`: the kernel's, on every CPU. */
  get task(): Task | undefined {
    return this.#fields.task;
  }

  /** False once it is unregistered, by its owner or because its task has ended. */
  get registered(): boolean {
    return this.#fields.registered;
  }

  /** It has a register: on every CPU, or whenever its task runs. */
  get installed(): boolean {
    return this.#fields.installed;
  }

  /** {@link HW_BREAKPOINT_REGISTERED} and {@link HW_BREAKPOINT_INSTALLED}. */
  get status(): number {
    return (this.registered ? HW_BREAKPOINT_REGISTERED : 0) | (this.installed ? HW_BREAKPOINT_INSTALLED : 0);
  }

  /** How often it was triggered. */
  get hits(): number {
    return this.#fields.hits;
  }
}
