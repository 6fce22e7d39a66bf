import {
  colouringOf,
  type History,
  type HistoryCursor,
  type HistoryData,
  type Interval,
  type MachineHistory,
  machinesOf,
} from '@hwbp/history';
import { columnsOf, type LanesWithOpen } from './lanes.js';
import { MachineLanes, type MachineNews } from './machine-lanes.js';
import { MARKED, type PackedMachine, type PackedTimeline } from './packed.js';
import { Texts } from './texts.js';

/** Records of a timeline: enough to see what a run was like, and no more than a browser has room for. */
const MOST = 1 << 21;

interface Followed {
  readonly lanes: MachineLanes;
  cursor: HistoryCursor | undefined;
}

/** A stay of each sort: what is watched by whom, of which machine. */
interface Sort {
  readonly interval: Interval;
  readonly machine: number;
}

/** Packs a history as it grows: what is there already is copied, not made again. */
export class Packer {
  readonly #most: number;
  readonly #texts = new Texts();
  readonly #machines: Followed[] = [];
  readonly #sorts: Sort[] = [];
  readonly #sortOf = new Map<string, number>();
  /** Behind it everything is there. */
  #from = 0;
  #to = 0;
  #lost = 0;

  /** `most`: records that are kept, from 4 on. Default two million. */
  constructor(most = MOST) {
    this.#most = most;
  }

  /**
   * Takes what a history, and those of its guests, have got since it was called before. It may be another one that
   * tells the same, of a run of the same from its beginning: until that has come as far there is nothing new. True if
   * there was.
   */
  follow(history: History): boolean {
    const changed = this.#follow(history, undefined);
    this.#trim();
    return changed;
  }

  #follow(history: History, name: string | undefined): boolean {
    const known = this.#machines.find(({ lanes }) => lanes.name === name);
    const news = history.since(known?.cursor);
    const { data, anew, cursor } = news;
    const nothing = data.to <= this.#to && !anew && data.events.length + data.intervals.length === 0;
    // Guests come along with their host.
    if (known !== undefined && name === undefined && nothing) return false;
    const machine = known === undefined || anew ? this.#add(name, data) : known;
    this.#missed(data, machine.cursor);
    machine.cursor = cursor;
    this.#take(machine, news);
    const within = name === undefined ? '' : `${name}: `;
    for (const [guest, own] of history.guests) this.#follow(own, within + guest);
    return true;
  }

  /** Takes everything of a history. */
  take(data: HistoryData): void {
    for (const { name, data: own } of machinesOf(data)) {
      this.#missed(own, undefined);
      this.#take(this.#add(name, own), { data: own, latest: [] });
    }
  }

  /** Everything by now. */
  get packed(): PackedTimeline {
    const machines: PackedMachine[] = [];
    let [firstLane, firstCpu] = [0, 0];
    for (const { lanes } of this.#machines) {
      const { name, cpus, registers } = lanes;
      machines.push({ name, cpus, registers, firstLane, firstCpu });
      firstLane += cpus * registers.length;
      firstCpu += cpus;
    }
    const { names, colours } = this.#colours;
    const all = (of: (machine: MachineLanes) => LanesWithOpen) => this.#machines.map(({ lanes }) => of(lanes));
    // Rows of these have numbers of their own.
    const same = Int32Array.from(
      { length: Math.max(this.#texts.list.length, MARKED.length, names.length) },
      (_, n) => n,
    );
    return {
      from: this.#from,
      to: this.#to,
      machines,
      colours: names,
      lost: this.#lost,
      stays: columnsOf(
        all(({ stays, openStays }) => ({ lanes: stays, open: openStays })),
        colours,
      ),
      hits: columnsOf(
        all(({ hits }) => ({ lanes: hits, open: [] })),
        same,
      ),
      runs: columnsOf(
        all(({ runs, openRuns }) => ({ lanes: runs, open: openRuns })),
        same,
      ),
      events: columnsOf(
        all(({ events }) => ({ lanes: events, open: [] })),
        same,
      ),
      away: columnsOf(
        all(({ away, openAway }) => ({ lanes: away, open: openAway })),
        same,
      ),
      texts: this.#texts.list,
    };
  }

  /** A machine with empty lanes, in place of the one of that name. */
  #add(name: string | undefined, data: HistoryData): Followed {
    const before = this.#machines.findIndex(({ lanes }) => lanes.name === name);
    const number = before < 0 ? this.#machines.length : before;
    const lanes = new MachineLanes(name, data, this.#texts, (interval) => this.#sort(interval, number));
    const added = { lanes, cursor: undefined };
    if (number === 0) this.#from = data.from;
    this.#machines[number] = added;
    return added;
  }

  #take({ lanes }: Followed, news: MachineNews): void {
    lanes.take(news);
    this.#to = Math.max(this.#to, news.data.to);
  }

  /** What a history dropped before anybody looked. */
  #missed({ lost, from }: HistoryData, cursor: HistoryCursor | undefined): void {
    const missed =
      Math.max(0, lost.events - (cursor?.events ?? 0)) + Math.max(0, lost.intervals - (cursor?.intervals ?? 0));
    if (missed === 0) return;
    this.#lost += missed;
    this.#from = Math.max(this.#from, from);
  }

  /** The oldest records go when there are too many. */
  #trim(): void {
    const all = this.#machines.flatMap(({ lanes }) => lanes.all);
    let rows = all.reduce((sum, lanes) => sum + lanes.rows, 0);
    while (rows > this.#most) {
      const [longest] = all.toSorted((one, other) => other.rows - one.rows);
      const count = longest?.quarter;
      if (count === undefined) return;
      const dropped = all.reduce((sum, lanes) => sum + lanes.dropTo(count), 0);
      this.#lost += dropped;
      this.#from = Math.max(this.#from, count);
      rows -= dropped;
    }
  }

  #sort(interval: Interval, machine: number): number {
    const name = `${machine} ${interval.owner} ${interval.what}`;
    let sort = this.#sortOf.get(name);
    if (sort === undefined) {
      sort = this.#sorts.push({ interval, machine }) - 1;
      this.#sortOf.set(name, sort);
    }
    return sort;
  }

  /** The names of the colours, and which of them a sort of stays has. */
  get #colours(): { readonly names: readonly string[]; readonly colours: Int32Array } {
    const machines = this.#machines.map(({ lanes: { name, owners } }, number): MachineHistory & { name: string } => {
      const intervals = this.#sorts.filter(({ machine }) => machine === number).map(({ interval }) => interval);
      return { name: name ?? '', data: { ...EMPTY, owners, intervals } };
    });
    const [host, ...guests] = machines;
    if (host === undefined) return { names: [], colours: new Int32Array() };
    const { names, keyOf } = colouringOf({ ...host.data, guests: guests.map(({ name, data }) => ({ name, ...data })) });
    return { names, colours: Int32Array.from(this.#sorts, ({ interval, machine }) => keyOf(interval, machine)) };
  }
}

const EMPTY: HistoryData = {
  cpus: 0,
  registers: [],
  from: 0,
  to: 0,
  lost: { intervals: 0, events: 0 },
  owners: [],
  intervals: [],
  events: [],
};

/** Packs a history. */
export function pack(data: HistoryData): PackedTimeline {
  const packer = new Packer(Number.POSITIVE_INFINITY);
  packer.take(data);
  return packer.packed;
}
