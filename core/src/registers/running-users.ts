import { Disposables, type Machine, type Task } from '../kernel/index.js';
import type { SlotClaim } from './claim.js';
import type { PlacementChanges } from './slot-policy.js';

/** Whose decisions depend on who runs; declared here, implemented by the priorities. */
export interface RunningPolicy {
  /** A task gets onto a CPU. */
  arrive(task: Task): PlacementChanges;
  /** It is off. */
  depart(task: Task): PlacementChanges;
}

/**
 * Lets a policy decide at each context switch. Who has to make room does so before the scheduler puts the next task's
 * breakpoints into registers; who may have a register has it once the previous task's are out of theirs.
 */
export class RunningUsers implements Disposable {
  readonly #hooks = new Disposables();
  /** Granted as the next task came. */
  #granted: readonly SlotClaim[] = [];

  constructor({ hooks }: Machine, policy: RunningPolicy, apply: (changes: PlacementChanges) => void) {
    this.#hooks.add(
      hooks.contextSwitch.add(
        (_cpu, _previous, next) => {
          if (next === undefined) return;
          const { displaced = [], granted = [] } = policy.arrive(next);
          this.#granted = granted;
          if (displaced.length > 0) apply({ displaced });
        },
        { first: true },
      ),
      hooks.contextSwitch.add(
        (_cpu, previous) => {
          const early = this.#granted;
          this.#granted = [];
          const { displaced = [], granted = [] } = previous === undefined ? {} : policy.depart(previous);
          if (early.length + displaced.length + granted.length === 0) return;
          apply({ displaced, granted: [...early.filter((claim) => !displaced.includes(claim)), ...granted] });
        },
        { last: true },
      ),
    );
  }

  [Symbol.dispose](): void {
    this.#hooks[Symbol.dispose]();
  }
}
