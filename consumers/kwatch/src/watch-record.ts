import {
  type Breakpoint,
  bits,
  type Code,
  type Hit,
  hex,
  type ImageReader,
  type ImageValue,
  type Task,
  type WideBreakpoint,
} from '@hwbp/core';
import { Watch, type WatchFields } from './watch.js';
import type { WatchRequest } from './watch-request.js';

/** The breakpoints that a watch is made of, and how they are given back. */
export interface WatchMembers {
  /** One for each online CPU, or the one of a task. */
  readonly all: () => readonly Breakpoint[];
  readonly release: () => void;
  /** Of the kernel's: the wide breakpoint. Of a task's: its breakpoint. */
  readonly wide?: WideBreakpoint;
  readonly breakpoint?: Breakpoint;
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

  /** What it is made of while it is registered. */
  get members(): WatchMembers {
    if (this.#members === undefined) throw new TypeError('this watch is not registered');
    return this.#members;
  }

  /** It is registered from now on; how it stands is the answer of the registration. */
  begin(members: WatchMembers): void {
    this.#members = members;
    this.#told = this.installed;
  }

  /** What an image has of it beside its breakpoints. */
  save(code: Code): { readonly [field: string]: ImageValue } {
    const { triggered, installed, uninstalled } = this.#request;
    const whose = `the watch at ${hex(this.address)}`;
    return {
      address: bits(this.address),
      length: this.length,
      type: this.type,
      priority: this.priority,
      task: this.task?.pid ?? null,
      hits: this.hits,
      told: this.#told,
      triggered: code.nameOf(triggered, `what ${whose} triggers`),
      installed: installed === undefined ? null : code.nameOf(installed, `the notice installed of ${whose}`),
      uninstalled: uninstalled === undefined ? null : code.nameOf(uninstalled, `the notice uninstalled of ${whose}`),
    };
  }

  /** It goes on from an image: what its owner knows is from there. */
  revive(members: WatchMembers, from: ImageReader): void {
    this.#members = members;
    this.#told = from.field('told').flag();
    this.hits = from.field('hits').number();
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
