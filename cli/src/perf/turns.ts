import { EVENTS, type Events, type Kernel, type PmuEvent } from '@hwbp/core';
import type { Turn } from './error-bar.js';

/** What an event had counted when it was last looked at, and the turn that it is in. */
interface Watched {
  readonly turns: Turn[];
  count: number;
  enabled: number;
  running: number;
  turn: Turn | undefined;
}

/** Notes the turns of a kernel's events: it looks at them at every tick, behind the engine, which rotates then. */
export class Turns {
  readonly #events: Events;
  readonly #watched = new Map<PmuEvent, Watched>();

  constructor(kernel: Kernel) {
    this.#events = kernel.get(EVENTS);
    kernel.machine.hooks.tick.add(() => this.#look());
  }

  /** Notes the turns of an event from now on. */
  watch(event: PmuEvent): void {
    const { count, enabled, running } = this.#events.readOwn(event);
    this.#watched.set(event, { turns: [], count, enabled, running, turn: undefined });
  }

  /** The turns of an event up to now. */
  of(event: PmuEvent): readonly Turn[] {
    this.#look();
    const { turns, turn } = this.#watched.get(event) ?? { turns: [], turn: undefined };
    return turn === undefined ? turns : [...turns, turn];
  }

  #look(): void {
    for (const [event, watched] of this.#watched) {
      const now = this.#events.readOwn(event);
      const ran = now.running - watched.running;
      const { turn = { count: 0, running: 0 } } = watched;
      if (ran > 0) {
        watched.turn = { count: turn.count + now.count - watched.count, running: turn.running + ran };
      }
      // Its time went on without it.
      if (now.enabled - watched.enabled > ran && watched.turn !== undefined) {
        watched.turns.push(watched.turn);
        watched.turn = undefined;
      }
      Object.assign(watched, { count: now.count, enabled: now.enabled, running: now.running });
    }
  }
}
