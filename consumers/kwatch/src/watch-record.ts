import type { Breakpoint, Hit, Task } from '@hwbp/core';
import { Watch, type WatchFields } from './watch.js';
import type { WatchRequest } from './watch-request.js';

/** The breakpoints that a watch is made of, and how they are given back. */
export interface WatchMembers {
  /** One for each online CPU, or the one of a task. */
  readonly all: () => readonly Breakpoint[];
  readonly release: () => void;
}

/** What a watch leaves behind. */
export interface WatchEnd {
  readonly release: () => void;
  /** Its owner thinks that it is installed. */
  readonly wasInstalled: boolean;
}

/** A watch as this package has it. */
export class WatchRecord implements WatchFields {
  readonly address: bigint;
  readonly length: number;
  readonly type: number;
  readonly priority: number;
  readonly task: Task | undefined;
  readonly view: Watch = new Watch(this);
  hits = 0;
  readonly #request: WatchRequest;
  /** Set while it is registered. */
  #members: WatchMembers | undefined;
  /** What its owner knows. */
  #told = false;

  constructor(request: WatchRequest, priority: number, task: Task | undefined) {
    this.address = request.address;
    this.length = request.length;
    this.type = request.type;
    this.priority = priority;
    this.task = task;
    this.#request = request;
  }

  get registered(): boolean {
    return this.#members !== undefined;
  }

  get installed(): boolean {
    // One that is just going with its CPU does not count.
    const members = (this.#members?.all() ?? []).filter(({ state }) => state !== 'released');
    return members.length > 0 && members.every(({ state }) => state === 'active' || state === 'inactive');
  }

  /** It is registered from now on; how it stands is the answer of the registration. */
  begin(members: WatchMembers): void {
    this.#members = members;
    this.#told = this.installed;
  }

  /** It is not registered any more, and nothing of it is told: what is left is to give its breakpoints back. */
  end(): WatchEnd {
    const { release = () => {} } = this.#members ?? {};
    const wasInstalled = this.#told;
    this.#members = undefined;
    this.#told = false;
    return { release, wasInstalled };
  }

  hit(hit: Hit): void {
    this.hits++;
    this.#request.triggered(this.view, hit);
  }

  /** A breakpoint of it has gained or lost its register: its owner is told once, when the watch as a whole has. */
  look(): void {
    const { installed } = this;
    if (!this.registered || installed === this.#told) return;
    this.#told = installed;
    this.tell(installed ? 'installed' : 'uninstalled');
  }

  tell(what: 'installed' | 'uninstalled'): void {
    this.#request[what]?.(this.view);
  }
}
