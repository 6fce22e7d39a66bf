import type { Debuggable, FreeRun } from './debuggable.js';
import { kgdbError } from './errors.js';
import type { DebugTarget } from './rsp/debug-target.js';
import { KgdbSession, type SessionOptions } from './session.js';

/**
 * A target of your own, such as an emulator: debuggers attach to it one after the other. `KgdbServer.listen` makes it
 * of a {@link DebugTarget} by itself.
 */
export class DebuggedTarget implements Debuggable {
  readonly #target: DebugTarget;
  #session: KgdbSession | undefined;

  constructor(target: DebugTarget) {
    this.#target = target;
  }

  /** Attaches a debugger: the target stops. Throws EBUSY while another one is attached. */
  attach(options: SessionOptions): KgdbSession {
    if (this.#session !== undefined)
      throw kgdbError('KGDB_ATTACHED', 'a debugger is attached already; let it detach first');
    const session = new KgdbSession(this.#target, options, () => {
      this.#session = undefined;
    });
    this.#session = session;
    return session;
  }

  run(budget: number): FreeRun {
    const progress = this.#target.run(budget);
    if (progress === 'stopped') return { reason: 'idle' };
    return { reason: progress === 'waiting' ? 'held' : progress };
  }

  get over(): boolean {
    return this.#target.ended;
  }
}
