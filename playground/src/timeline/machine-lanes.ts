import {
  briefly,
  type HistoryData,
  type HistoryEvent,
  happened,
  type Interval,
  SET_ASIDE,
  SetAside,
  type SetAsideSpan,
} from '@hwbp/history';
import { ownerTitle, withOwners } from '../model/owners.js';
import { Lanes, type OpenRow } from './lanes.js';
import { MARKED } from './packed.js';
import type { Texts } from './texts.js';

/** What a machine's history has got. */
export interface MachineNews {
  /** What is new; intervals in it without an end are the latest. */
  readonly data: HistoryData;
  /** The latest stay in each register, which may go on. */
  readonly latest: readonly Interval[];
}

/** Gives what is watched, and by whom, a number: the same for the same. */
export type KeyOf = (interval: Interval) => number;

/** Everything that a machine has in its lanes. */
export class MachineLanes {
  readonly name: string | undefined;
  readonly cpus: number;
  readonly registers: readonly string[];
  readonly stays: Lanes;
  readonly hits: Lanes;
  readonly runs: Lanes;
  readonly events: Lanes;
  /** When the registers of each CPU are set aside. */
  readonly away: Lanes;
  readonly #away: SetAside;
  /** Those who have held a register, as far as is known. */
  owners: readonly string[] = [];
  readonly #texts: Texts;
  readonly #keyOf: KeyOf;
  #latest: readonly Interval[] = [];
  /** Who is on which CPU, since when. */
  readonly #on: ({ readonly task: string; readonly from: number } | undefined)[];
  /** Of which CPU a switch was seen. */
  readonly #seen: boolean[];
  #from = 0;
  #to = 0;

  constructor(name: string | undefined, { cpus, registers, from }: HistoryData, texts: Texts, keyOf: KeyOf) {
    this.name = name;
    this.cpus = cpus;
    this.registers = registers;
    this.#texts = texts;
    this.#keyOf = keyOf;
    this.#from = from;
    this.stays = new Lanes(cpus * registers.length);
    this.hits = new Lanes(cpus * registers.length);
    this.runs = new Lanes(cpus);
    this.events = new Lanes(cpus);
    this.away = new Lanes(cpus);
    this.#away = new SetAside(name !== undefined, { cpus, from });
    this.#on = new Array(cpus).fill(undefined);
    this.#seen = new Array(cpus).fill(false);
  }

  get all(): readonly Lanes[] {
    return [this.stays, this.hits, this.runs, this.events, this.away];
  }

  take({ data: told, latest }: MachineNews): void {
    const data = { ...told, owners: told.owners.map(ownerTitle) };
    this.owners = data.owners;
    this.#to = data.to;
    for (const one of data.intervals) if (one.to !== undefined) this.stays.add(this.#laneOf(one), this.#stay(one));
    this.#latest = [...data.intervals.filter(({ to }) => to === undefined), ...latest];
    // They have their numbers from now on.
    for (const one of this.#latest) this.#keyOf(one);
    for (const event of data.events) this.#event(event, data);
  }

  /** Stays that may go on. */
  get openStays(): readonly OpenRow[] {
    return this.#latest.map((one) => ({ ...this.#stay(one), lane: this.#laneOf(one) }));
  }

  /** Tasks that are on their CPU still. */
  get openRuns(): readonly OpenRow[] {
    return this.#on.flatMap((run, cpu) =>
      run === undefined || run.from >= this.#to ? [] : [{ ...this.#run(run.task, run.from, this.#to), lane: cpu }],
    );
  }

  /** CPUs whose registers are set aside still. */
  get openAway(): readonly OpenRow[] {
    return this.#away.open(this.#to).map((span) => ({ ...this.#aside(span), lane: span.cpu }));
  }

  #laneOf({ cpu, register }: Pick<Interval, 'cpu' | 'register'>): number {
    return cpu * this.registers.length + register;
  }

  #stay(interval: Interval) {
    const { owner, what, task, from, to = this.#to, end, by } = interval;
    const whose = this.owners[owner];
    const why = end === undefined ? 'held still' : by === undefined ? end : `${end} by ${withOwners(by)}`;
    const text = this.#texts.index(`${whose} ${what}${task === undefined ? '' : ` for ${task}`}: ${why}`);
    return { from, to, key: this.#keyOf(interval), text, label: this.#texts.index(`${whose} ${briefly(what)}`) };
  }

  #run(task: string, from: number, to: number) {
    const text = this.#texts.index(task);
    return { from, to, key: text, text, label: text };
  }

  #aside({ from, to }: SetAsideSpan) {
    const text = this.#texts.index(SET_ASIDE);
    return { from, to, key: 0, text, label: text };
  }

  #event(event: HistoryEvent, data: HistoryData): void {
    const { count, cpu, task, kind } = event;
    if (kind === 'switch') {
      this.#switch(cpu, count, event.from, event.to);
      return;
    }
    if (kind === 'guest-entry' || kind === 'guest-exit') {
      const over = this.#away.take(kind, cpu, count);
      if (over !== undefined) this.away.add(cpu, this.#aside(over));
    }
    const text = this.#texts.index(`${happened(event, data)}${task === undefined ? '' : `, ${task}`}`);
    const row = { from: count, to: count, text, label: text };
    if (kind === 'hit') this.hits.add(this.#laneOf({ cpu, register: event.register }), { ...row, key: event.owner });
    else this.events.add(Math.max(cpu, 0), { ...row, key: MARKED.indexOf(kind) });
  }

  /** What ran before the first switch that is known ran from the beginning on. */
  #switch(cpu: number, count: number, before: string | undefined, task: string | undefined): void {
    const left =
      this.#on[cpu] ?? (before !== undefined && !this.#seen[cpu] ? { task: before, from: this.#from } : undefined);
    if (left !== undefined && count > left.from) this.runs.add(cpu, this.#run(left.task, left.from, count));
    this.#seen[cpu] = true;
    this.#on[cpu] = task === undefined ? undefined : { task, from: count };
  }
}
