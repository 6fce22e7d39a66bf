import type { SignalActions } from './signal-action.js';
import type { SignalName } from './signals.js';

/** What the threads of one process have together (Linux: signal_struct and sighand_struct). */
export class Process {
  readonly handlers: SignalActions;
  /** The signal that has stopped it as a whole; `undefined`: it goes on. */
  stopped: SignalName | undefined;

  constructor(handlers: SignalActions = new Map()) {
    this.handlers = handlers;
  }
}
