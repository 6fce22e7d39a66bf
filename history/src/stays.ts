import type { Registration, UninstallReason } from '@hwbp/core';
import type { Interval } from './data.js';
import type { Facts, Names } from './names.js';
import { Ring } from './ring.js';

/** What is, or was last, in one register of one CPU. */
interface Stay {
  readonly registration: Registration;
  readonly facts: Facts;
  readonly from: number;
  /** -1: it is there still. */
  to: number;
  end: UninstallReason;
  /** Who displaced it. */
  by: string | undefined;
  /** An instruction that has not retired yet may have hit it. */
  hit: boolean;
}

/** Who was in which register: the latest of each, and a ring of what was before. */
export class Stays {
  readonly #registers: number;
  readonly #names: Names;
  readonly #past: Ring<Interval>;
  /** By CPU, then register. The latest stay may go on, so it is not among the past ones yet. */
  readonly #latest: (Stay | undefined)[];
  /** Up to where something may be missing. */
  #lostTo = 0;

  constructor(cpus: number, registers: number, capacity: number, names: Names) {
    this.#registers = registers;
    this.#names = names;
    this.#past = new Ring(capacity);
    this.#latest = new Array(cpus * registers).fill(undefined);
  }

  get lost(): number {
    return this.#past.lost;
  }

  /** Where the latest that was dropped ended. */
  get lostTo(): number {
    return this.#lostTo;
  }

  begin(registration: Registration, count: number): void {
    const place = this.#placeOf(registration);
    const latest = this.#latest[place];
    const facts = this.#names.of(registration);
    if (latest !== undefined) {
      if (latest.registration === registration && latest.facts === facts && latest.to === count) {
        latest.to = -1;
        latest.by = undefined;
        return;
      }
      this.#keep(place, latest);
    }
    this.#latest[place] = { registration, facts, from: count, to: -1, end: 'switched', by: undefined, hit: false };
  }

  end(registration: Registration, count: number, why: UninstallReason, by: Registration | undefined): void {
    const stay = this.#latest[this.#placeOf(registration)];
    if (stay === undefined || stay.to >= 0) return;
    stay.to = count;
    stay.end = why;
    stay.by = by === undefined ? undefined : this.#names.asked(by);
  }

  /** One that is in a register was hit. */
  hit(registration: Registration): void {
    const stay = this.#latest[this.#placeOf(registration)];
    if (stay !== undefined) stay.hit = true;
  }

  /** It was only taken out for this: schedulers take out first, and release then. */
  because(registration: Registration, count: number, why: 'released' | 'changed'): void {
    for (let i = 0; i < this.#latest.length; i++) {
      const stay = this.#latest[i];
      if (stay?.registration === registration && stay.to === count && stay.end === 'switched') stay.end = why;
    }
  }

  /** By `from`, then CPU, then register. */
  get intervals(): readonly Interval[] {
    const latest = this.#latest.flatMap((stay, place) => {
      if (stay === undefined || this.#isNone(stay)) return [];
      return [this.#intervalOf(place, stay)];
    });
    return [...this.#past.records, ...latest].sort(
      (a, b) => a.from - b.from || a.cpu - b.cpu || a.register - b.register,
    );
  }

  /** Nobody was in any register. */
  clear(): void {
    this.#past.clear();
    this.#lostTo = 0;
    this.#latest.fill(undefined);
  }

  #placeOf({ onCpu, register }: Registration): number {
    return onCpu * this.#registers + register;
  }

  #isNone({ from, to, hit }: Stay): boolean {
    return from === to && !hit;
  }

  #keep(place: number, stay: Stay): void {
    if (this.#isNone(stay)) return;
    const dropped = this.#past.push(this.#intervalOf(place, stay));
    if (dropped?.to !== undefined) this.#lostTo = Math.max(this.#lostTo, dropped.to);
  }

  #intervalOf(place: number, { registration, facts, from, to, end, by }: Stay): Interval {
    const { task } = registration;
    return {
      cpu: Math.floor(place / this.#registers),
      register: place % this.#registers,
      owner: facts.owner,
      what: facts.what,
      ...(task === undefined ? {} : { task: this.#names.task(task) }),
      from,
      ...(to < 0 ? {} : { to, end, ...(by === undefined ? {} : { by }) }),
    };
  }
}
