import { type Breakpoint, Disposables, type Hit, type HwBreakpointAttr, KernelError, type Task } from '@hwbp/core';
import { kgdbError } from '../errors.js';
import { ClaimedBreakpoints } from './claimed-breakpoints.js';
import type { Claim, ClaimHandler, Claims } from './claims.js';
import { OWNER, type TargetParts } from './parts.js';

interface TaskClaim extends Claim {
  readonly attrs: readonly HwBreakpointAttr[];
  readonly held: Map<Task, Breakpoint[]>;
  /** Tasks that it could not be extended to: said once, and tried again when something was given back. */
  refused: WeakSet<Task>;
}

/**
 * A register for every task, which follows it to whatever CPU it runs on. Tasks that come later have it from their
 * first instruction.
 */
export class TaskClaims implements Claims<Hit> {
  onHit: ClaimHandler<Hit> = () => {};
  readonly #parts: TargetParts;
  readonly #claims = new Set<TaskClaim>();
  readonly #breakpoints = new ClaimedBreakpoints();
  readonly #hooks = new Disposables();
  readonly #notice: (text: string) => void;
  readonly #follows: (task: Task) => boolean;

  /** `follows`: false for tasks that the debugger has let go of. */
  constructor(parts: TargetParts, follows: (task: Task) => boolean, notice: (text: string) => void) {
    this.#parts = parts;
    this.#follows = follows;
    this.#notice = notice;
    const { hooks } = parts.machine;
    this.#hooks.add(
      hooks.contextSwitch.add((_cpu, _previous, next) => {
        if (next !== undefined && this.#claims.size > 0) this.#extend(next);
      }),
      hooks.exit.add((task) => this.#forget(task)),
    );
  }

  claim(attrs: readonly HwBreakpointAttr[]): Claim {
    if (this.#parts.breakpoints.debugger.locked) {
      const message = 'the machine was stopped inside the slot accounting; let it go on and try again';
      throw kgdbError('KGDB_ACCOUNTING_BUSY', message);
    }
    const held = new Map<Task, Breakpoint[]>();
    const claim: TaskClaim = { attrs, held, refused: new WeakSet(), release: () => this.#release(claim) };
    try {
      for (const task of this.#parts.machine.tasks.values()) if (this.#follows(task)) this.#register(claim, task);
    } catch (error) {
      this.#release(claim);
      throw error;
    }
    this.#claims.add(claim);
    return claim;
  }

  /** Gives back what tasks have that are not followed any more, unless somebody is inside the accounting. */
  shed(): void {
    if (this.#parts.breakpoints.debugger.locked) return;
    for (const claim of this.#claims)
      for (const task of [...claim.held.keys()]) if (!this.#follows(task)) this.#drop(claim, task);
  }

  dispose(): void {
    this.#hooks[Symbol.dispose]();
  }

  #register(claim: TaskClaim, task: Task): void {
    const list: Breakpoint[] = [];
    claim.held.set(task, list);
    const { breakpoints } = this.#parts;
    const handler = (hit: Hit): void => this.onHit(hit, hit.cpu, this.#breakpoints.touched(hit));
    for (const attr of claim.attrs) {
      const breakpoint = breakpoints.registerUser(attr, handler, task, { owner: OWNER, delivery: 'silicon' });
      this.#breakpoints.add(breakpoint, claim);
      list.push(breakpoint);
    }
  }

  #release(claim: TaskClaim): boolean {
    if (this.#parts.breakpoints.debugger.locked) return false;
    this.#claims.delete(claim);
    for (const task of [...claim.held.keys()]) this.#drop(claim, task);
    for (const other of this.#claims) other.refused = new WeakSet();
    return true;
  }

  #drop({ held }: TaskClaim, task: Task): void {
    for (const breakpoint of held.get(task) ?? []) this.#parts.breakpoints.unregister(breakpoint);
    held.delete(task);
  }

  #extend(task: Task): void {
    if (!this.#follows(task)) return;
    for (const claim of this.#claims) {
      if (claim.held.has(task) || claim.refused.has(task)) continue;
      try {
        this.#register(claim, task);
      } catch (error) {
        this.#drop(claim, task);
        if (!(error instanceof KernelError)) throw error;
        claim.refused.add(task);
        this.#notice(`task ${task} runs without the breakpoints: ${error.message}`);
      }
    }
  }

  #forget(task: Task): void {
    for (const claim of this.#claims) this.#drop(claim, task);
  }
}
