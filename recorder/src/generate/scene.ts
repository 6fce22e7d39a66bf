import type { PlannedStep } from '../plan.js';
import type { Random } from './random.js';

/** Tasks that a script has at most; the recorder has room for 16. */
const MOST_TASKS = 8;

/** A task, as far as a script can know it before it runs. */
export interface Actor {
  readonly name: string;
  /** Tasks of one process share it. */
  readonly process: number;
  /** The first task of its process. */
  readonly leads: boolean;
  readonly nobody: boolean;
  traced: boolean;
}

/** What a script has built up so far, and the places that it is about. */
export class Scene {
  readonly random: Random;
  /** Data addresses that breakpoints and accesses gather around. */
  readonly places: readonly number[];
  readonly #living: Actor[] = [];
  readonly #dead: string[] = [];
  #names = 0;
  #processes = 0;
  /** Events that were asked for: some may not have opened. */
  #events = 0;

  constructor(random: Random) {
    this.random = random;
    this.places = placesOf(random);
  }

  get living(): readonly Actor[] {
    return this.#living;
  }

  get traced(): readonly Actor[] {
    return this.#living.filter(({ traced }) => traced);
  }

  get dead(): readonly string[] {
    return this.#dead;
  }

  get events(): number {
    return this.#events;
  }

  get full(): boolean {
    return this.#names >= MOST_TASKS;
  }

  /** True if the task's process has no other task. */
  alone({ process }: Actor): boolean {
    return this.#living.filter((other) => other.process === process).length === 1;
  }

  /** A data address at a place. */
  place(): number {
    return this.random.oneOf(this.places) ?? 0x1000_0000;
  }

  /** One that is often near a place and sometimes elsewhere. */
  near(): number {
    return (
      this.place() +
      this.random.weighted([
        [5, 0],
        [3, this.random.between(-8, 8)],
        [1, this.random.between(-40, 40)],
      ])
    );
  }

  /** A task of a process of its own. */
  enter(nobody: boolean): Actor {
    return this.#add(this.#processes++, true, nobody);
  }

  fork(parent: Actor): Actor {
    return this.#add(this.#processes++, true, parent.nobody);
  }

  thread(parent: Actor): Actor {
    return this.#add(parent.process, false, parent.nobody);
  }

  leave(actor: Actor): void {
    this.#living.splice(this.#living.indexOf(actor), 1);
    this.#dead.push(actor.name);
  }

  /** An event was asked for. */
  opened(): void {
    this.#events++;
  }

  /** One of the events that are open when the script runs. */
  event(): string {
    return `live:${this.random.between(0, Math.max(0, this.#events - 1))}`;
  }

  #add(process: number, leads: boolean, nobody: boolean): Actor {
    const actor = { name: `t${this.#names++}`, process, leads, nobody, traced: true };
    this.#living.push(actor);
    return actor;
  }
}

/** Makes one or a few steps, or none where the scene does not allow it. */
export type Action = (scene: Scene) => readonly PlannedStep[];

const BUFFER = 0x1000_0000;
const PAGE = 0x1000;
/** Behind it lies the page in which the recorder keeps the arguments of exec. */
const LAST_FREE_PAGE = 13;

/** Two to four places, close together; one time in three at the end of a page, or of the memory. */
function placesOf(random: Random): readonly number[] {
  const base = random.weighted([
    [6, BUFFER + PAGE * random.between(0, LAST_FREE_PAGE) + 8 * random.between(0, 12)],
    [2, BUFFER + PAGE * random.between(1, LAST_FREE_PAGE) - 8 * random.between(1, 2)],
    [1, BUFFER + PAGE * random.between(0, LAST_FREE_PAGE)],
    [1, 0x1000_fff0 - 8 * random.between(0, 3)],
  ]);
  const count = random.between(2, 4);
  return Array.from({ length: count }, (_, i) => {
    const aligned = base + 8 * Math.floor(i / 2);
    return i % 2 === 0
      ? aligned
      : aligned +
          random.weighted([
            [3, 4],
            [2, 2],
            [2, 1],
            [1, 6],
            [1, 8],
          ]);
  });
}

/** An address as transcripts write it. */
export function hex(address: number | bigint): string {
  return `0x${BigInt.asUintN(64, BigInt(address)).toString(16)}`;
}
