import { coreError } from '../../errors/index.js';
import type { Waiting } from '../../programs/index.js';
import { WaitQueue, type Waits } from '../waits/index.js';

/** A call of other CPUs that is under way. */
export class IpiCall {
  readonly name: string;
  readonly #left: Set<number>;
  readonly #done: (() => void) | undefined;
  readonly #caller: WaitQueue;

  /** `cpus`: those that have yet to do it. `done`: called once all have. */
  constructor(name: string, cpus: Iterable<number>, waits: Waits, done?: () => void) {
    this.name = name;
    this.#left = new Set(cpus);
    this.#done = done;
    this.#caller = new WaitQueue(waits, `the call ${name}`);
  }

  /** CPUs that have not done it yet. */
  get left(): readonly number[] {
    return [...this.#left];
  }

  /** True once every CPU has done it. */
  get isDone(): boolean {
    return this.#left.size === 0;
  }

  /** For an instruction's `wait`: until every CPU has done it. */
  wait(): Waiting {
    return this.#caller.wait({ until: () => this.isDone, interruptible: false });
  }

  /** A CPU has done it, or is gone. */
  finish(cpu: number): void {
    if (!this.#left.delete(cpu) || this.#left.size > 0) return;
    this.#caller.wakeAll();
    this.#done?.();
  }
}

/** Throws EINVAL for a CPU that could not be called. */
export function requireOnline(
  name: string,
  cpus: readonly { readonly index: number; readonly online: boolean }[],
): void {
  const offline = cpus.find(({ online }) => !online);
  if (offline === undefined) return;
  const message = `CPU ${offline.index} is offline, and cannot do ${name}; call those of machine.onlineCpus`;
  throw coreError('HWBP_CPU_OFFLINE', message, { cpu: offline.index });
}
