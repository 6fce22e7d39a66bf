import { type Cpu, hex, joinHalves } from '@hwbp/core';
import type { HistoryEvent, HistoryHappening, HitHappening } from './data.js';
import type { Facts } from './names.js';
import { Ring } from './ring.js';

/** A hit as it is kept: what a reader wants to see of it is made when somebody reads. */
interface KeptHit {
  readonly kind: 'kept hit';
  readonly count: number;
  readonly cpu: number;
  readonly task: string | undefined;
  readonly register: number;
  readonly facts: Facts;
  readonly pcHi: number;
  readonly pcLo: number;
  readonly context: HitHappening['context'];
}

/** A context switch, likewise. */
interface KeptSwitch {
  readonly kind: 'kept switch';
  readonly count: number;
  readonly cpu: number;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

type Kept = HistoryEvent | KeptHit | KeptSwitch;

/** What has happened, the latest so many. */
export class Happenings {
  readonly #ring: Ring<Kept>;
  #lostTo = 0;

  constructor(capacity: number) {
    this.#ring = new Ring(capacity);
  }

  get lost(): number {
    return this.#ring.lost;
  }

  /** When the latest happened that was dropped. */
  get lostTo(): number {
    return this.#lostTo;
  }

  /** How many there were. */
  get total(): number {
    return this.#ring.total;
  }

  get events(): readonly HistoryEvent[] {
    return this.since(0);
  }

  /** What happened behind the first `place` ones. */
  since(place: number): readonly HistoryEvent[] {
    return this.#ring.since(place).map(plain);
  }

  hit(
    count: number,
    { index: cpu, pcHi, pcLo }: Cpu,
    task: string | undefined,
    register: number,
    facts: Facts,
    context: HitHappening['context'],
  ): void {
    this.#push({ kind: 'kept hit', count, cpu, task, register, facts, pcHi, pcLo, context });
  }

  switch(count: number, cpu: number, from: string | undefined, to: string | undefined): void {
    this.#push({ kind: 'kept switch', count, cpu, from, to });
  }

  add(count: number, cpu: number, task: string | undefined, what: HistoryHappening): void {
    this.#push({ count, cpu, ...(task === undefined ? {} : { task }), ...what });
  }

  clear(): void {
    this.#ring.clear();
    this.#lostTo = 0;
  }

  #push(kept: Kept): void {
    const dropped = this.#ring.push(kept);
    if (dropped !== undefined && dropped.count > this.#lostTo) this.#lostTo = dropped.count;
  }
}

function plain(kept: Kept): HistoryEvent {
  if (kept.kind === 'kept hit') return plainHit(kept);
  return kept.kind === 'kept switch' ? plainSwitch(kept) : kept;
}

function plainHit({ count, cpu, task, register, facts, pcHi, pcLo, context }: KeptHit): HistoryEvent {
  const { owner, what } = facts;
  const hit = { kind: 'hit', register, owner, what, pc: hex(joinHalves(pcHi, pcLo)), context } as const;
  return { count, cpu, ...(task === undefined ? {} : { task }), ...hit };
}

function plainSwitch({ count, cpu, from, to }: KeptSwitch): HistoryEvent {
  const left = from === undefined ? {} : { from };
  return to === undefined
    ? { count, cpu, kind: 'switch', ...left }
    : { count, cpu, task: to, kind: 'switch', ...left, to };
}
