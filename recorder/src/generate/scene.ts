import type { PlannedStep } from '../plan.js';
import type { Random } from './random.js';

/** The tasks' data memory. */
const DATA = 0x1000_0000;
const DATA_END = 0x1001_0000;

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

/** An event that was asked for and that leads, or could lead, a group. */
export interface Leader {
  readonly name: string;
  readonly target: string;
  readonly cpu: number;
  readonly inherits: boolean;
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
  /** DR7 of each task, as far as the script set it and it was accepted. */
  readonly #controls = new Map<string, bigint>();
  readonly #leaders: Leader[] = [];
  readonly #aims: number[] = [];

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

  /** A breakpoint was asked for at this address. */
  aim(address: number): void {
    this.#aims.push(address);
  }

  /** The last address, or an earlier one, of a range that a breakpoint was asked for at. */
  aimed(from: number, to: number): number | undefined {
    const within = this.#aims.filter((address) => address >= from && address < to);
    return this.random.chance(60) ? within.at(-1) : this.random.oneOf(within);
  }

  /** A data address: often one that is watched or near it, sometimes elsewhere. */
  near(): number {
    const watched = this.random.chance(75) ? this.aimed(DATA, DATA_END) : undefined;
    return (
      (watched ?? this.place()) +
      this.random.weighted([
        [14, 0],
        [6, this.random.between(-8, 8)],
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

  /** What DR7 of a task was last set to. */
  control({ name }: Actor): bigint {
    return this.#controls.get(name) ?? 0n;
  }

  setControl({ name }: Actor, value: bigint): void {
    this.#controls.set(name, value);
  }

  /** An event was asked for; one that is in no group can lead one. */
  opened(event: Omit<Leader, 'name'>, grouped: boolean): void {
    if (!grouped) this.#leaders.push({ ...event, name: `e${this.#events}` });
    this.#events++;
  }

  /** An event that can lead a group, mostly the last. */
  leader(): Leader | undefined {
    return this.random.chance(50) ? this.#leaders.at(-1) : this.random.oneOf(this.#leaders);
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

const PAGE = 0x1000;
/** Behind it lies the page in which the recorder keeps the arguments of exec. */
const LAST_FREE_PAGE = 13;

/** Two to four places, close together; one time in three at the end of a page, or of the memory. */
function placesOf(random: Random): readonly number[] {
  const base = random.weighted([
    [6, DATA + PAGE * random.between(0, LAST_FREE_PAGE) + 8 * random.between(0, 12)],
    [2, DATA + PAGE * random.between(1, LAST_FREE_PAGE) - 8 * random.between(1, 2)],
    [1, DATA + PAGE * random.between(0, LAST_FREE_PAGE)],
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
