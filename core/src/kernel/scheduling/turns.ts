import { shown } from '../../errors/index.js';
import type { ImageReader } from '../../image/index.js';
import type { Turn, TurnOrder } from './turn-order.js';

/** Where the turns of a machine's CPUs are. */
export interface TurnPlace {
  readonly cpu: number;
  readonly left: number;
  readonly drawn: Turn | undefined;
}

/** Whose turn it is to execute, and how much is left of it: kept over calls of `run`. */
export class Turns {
  readonly #cpus: number;
  readonly #quantum: number;
  readonly #order: TurnOrder | undefined;
  #cpu = 0;
  #left: number;
  /** The turn that an order has given, as long as nobody has executed in it. */
  #drawn: Turn | undefined;

  /** `quantum`: instructions of a turn. `order`: who decides otherwise. */
  constructor(cpus: number, quantum: number, order: TurnOrder | undefined) {
    this.#cpus = cpus;
    this.#quantum = quantum;
    this.#order = order;
    this.#left = order === undefined ? quantum : 0;
  }

  get cpu(): number {
    return this.#cpu;
  }

  /** Instructions that are left of it; none or less: it is over. */
  get left(): number {
    return this.#left;
  }

  /** A turn is over, or its CPU has nothing to execute: it is the next one's. `wants`: has something to do. */
  next(wants: (cpu: number) => boolean): void {
    if (this.#order === undefined || this.#drawn !== undefined) {
      this.#cpu = (this.#cpu + 1) % this.#cpus;
      this.#left = this.#drawn?.length ?? this.#quantum;
      return;
    }
    const cpus = this.#wanting(wants);
    // Where nobody has anything to do, nobody executes: whose turn it is makes no difference.
    this.#drawn = cpus.length === 0 ? undefined : this.#checked(this.#order.next(cpus));
    this.#cpu = this.#drawn?.cpu ?? (this.#cpu + 1) % this.#cpus;
    this.#left = this.#drawn?.length ?? this.#quantum;
  }

  /** The CPU that has the turn once this one is over. */
  upcoming(wants: (cpu: number) => boolean): number {
    const cpus = this.#wanting(wants);
    const turn = cpus.length === 0 || this.#order === undefined ? undefined : this.#checked(this.#order.next(cpus));
    return turn?.cpu ?? (this.#cpu + 1) % this.#cpus;
  }

  /** The CPU whose turn it is executes. */
  begin(): void {
    if (this.#drawn === undefined) return;
    const turn = this.#drawn;
    this.#drawn = undefined;
    this.#order?.begin(turn);
  }

  /** It has retired so many; true if with that the time of its task is over, too. */
  count(ran: number): boolean {
    const was = this.#left;
    this.#left -= ran;
    return this.#order !== undefined && was > 0 && this.#left <= 0 && this.#order.ended(this.#cpu);
  }

  /** Where it is, for whoever finds that nobody could execute. */
  get place(): TurnPlace {
    return { cpu: this.#cpu, left: this.#left, drawn: this.#drawn };
  }

  /** Back to where it was. */
  return(to: TurnPlace): void {
    this.#cpu = to.cpu;
    this.#left = to.left;
    this.#drawn = to.drawn;
  }

  /** The way back from an image. */
  restore(cpu: ImageReader, left: ImageReader): void {
    const most = this.#order === undefined ? this.#quantum : Number.MAX_SAFE_INTEGER;
    this.return({
      cpu: cpu.number(0, this.#cpus - 1),
      left: left.number(Number.MIN_SAFE_INTEGER, most),
      drawn: undefined,
    });
  }

  #wanting(wants: (cpu: number) => boolean): readonly number[] {
    return Array.from({ length: this.#cpus }, (_, cpu) => cpu).filter(wants);
  }

  /** Throws a TypeError for what is no turn of one of the CPUs. */
  #checked(turn: Turn): Turn {
    const is = typeof turn === 'object' && turn !== null;
    const cpu: unknown = is ? turn.cpu : turn;
    if (typeof cpu !== 'number' || !Number.isInteger(cpu) || cpu < 0 || cpu >= this.#cpus) {
      throw new TypeError(`turns.next: { cpu, length }, with a CPU from 0 to ${this.#cpus - 1}, got ${shown(cpu)}`);
    }
    if (Number.isSafeInteger(turn.length) && turn.length >= 1) return turn;
    throw new TypeError(`turns.next: length is a whole number of instructions, 1 or more, got ${shown(turn.length)}`);
  }
}
