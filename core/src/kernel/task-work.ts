import { isAbsolute, type SignalName } from './signals.js';
import type { Work } from './work.js';

/** What a task has to do before it next executes in user mode (Linux: task_work). */
export class TaskWork {
  readonly #left: Work[] = [];
  readonly #changed: () => void;

  /** `changed`: whatever the task executes has to hand over. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get length(): number {
    return this.#left.length;
  }

  push(work: Work): void {
    this.#left.push(work);
    this.#changed();
  }

  /** Takes the latest. */
  pop(): Work | undefined {
    return this.#left.pop();
  }

  clear(): void {
    this.#left.length = 0;
  }
}

/**
 * The signals that a task blocks. One that is let through again, and is pending, is delivered at the next instruction.
 * SIGKILL and SIGSTOP cannot be blocked: adding them does nothing.
 */
export class BlockedSignals extends Set<SignalName> {
  readonly #changed: () => void;

  constructor(changed: () => void) {
    super();
    this.#changed = changed;
  }

  override add(signal: SignalName): this {
    return isAbsolute(signal) ? this : super.add(signal);
  }

  override delete(signal: SignalName): boolean {
    const was = super.delete(signal);
    if (was) this.#changed();
    return was;
  }

  override clear(): void {
    super.clear();
    this.#changed();
  }
}
