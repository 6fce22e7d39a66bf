import {
  briefly,
  colouringOf,
  EVENT_MARKS,
  type HistoryData,
  happened,
  machinesOf,
  nameIn,
  ownerColour,
  ownerInk,
  taskRuns,
} from '@hwbp/history';

/** A CPU, which may be a guest's. */
export interface CompactCpu {
  readonly name: string;
  readonly registers: readonly string[];
}

/** A history as the page has it: texts once, and numbers that say which. -1: none. */
export interface CompactHistory {
  /** Those of guests behind their host's: what is said of a CPU has its place here. */
  readonly cpus: readonly CompactCpu[];
  readonly from: number;
  readonly to: number;
  /** What each colour stands for, and what can be read on it. */
  readonly legend: readonly (readonly [colour: string, words: string, ink: string])[];
  /** What each kind of event that occurs is marked with. */
  readonly kinds: readonly (readonly [colour: string, words: string])[];
  readonly texts: readonly string[];
  /** CPU, register, owner, from, to, what, task, end, by, number in the legend, what is written in it. */
  readonly stays: readonly (readonly number[])[];
  /** CPU, task, from, to. */
  readonly runs: readonly (readonly number[])[];
  /** Count, CPU, register (-1: what is no hit), what, number in the kinds (-1: a hit). */
  readonly marks: readonly (readonly number[])[];
}

/** Texts by number. */
class Texts {
  readonly #numbers = new Map<string, number>();

  of(text: string | undefined): number {
    if (text === undefined) return -1;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const { size } = this.#numbers;
    this.#numbers.set(text, size);
    return size;
  }

  get all(): readonly string[] {
    return [...this.#numbers.keys()];
  }
}

export function compactHistory(data: HistoryData): CompactHistory {
  const texts = new Texts();
  const colouring = colouringOf(data);
  const cpus: CompactCpu[] = [];
  const kinds = new Map<keyof typeof EVENT_MARKS, number>();
  const kindOf = (kind: keyof typeof EVENT_MARKS): number => {
    const known = kinds.get(kind) ?? kinds.size;
    kinds.set(kind, known);
    return known;
  };
  const [stays, runs, marks]: [number[][], number[][], number[][]] = [[], [], []];
  for (const [number, machine] of machinesOf(data).entries()) {
    const first = cpus.length;
    const { registers, owners, intervals, events, to } = machine.data;
    for (let cpu = 0; cpu < machine.data.cpus; cpu++) cpus.push({ name: nameIn(machine, `CPU ${cpu}`), registers });
    for (const one of intervals) {
      stays.push([
        first + one.cpu,
        one.register,
        texts.of(owners[one.owner]),
        one.from,
        one.to ?? to,
        texts.of(one.what),
        texts.of(one.task),
        texts.of(one.end ?? 'held'),
        texts.of(one.by),
        colouring.keyOf(one, number),
        texts.of(`${owners[one.owner]} ${briefly(one.what)}`),
      ]);
    }
    for (const run of taskRuns(machine.data)) runs.push([first + run.cpu, texts.of(run.task), run.from, run.to]);
    for (const event of events) {
      if (event.kind === 'switch') continue;
      const register = event.kind === 'hit' ? event.register : -1;
      const who = event.task === undefined ? '' : ` (${event.task})`;
      const what = texts.of(`${happened(event, machine.data)}${who}`);
      const kind = event.kind === 'hit' ? -1 : kindOf(event.kind);
      marks.push([event.count, first + Math.max(event.cpu, 0), register, what, kind]);
    }
  }
  const legend = colouring.names.map((name, key): [string, string, string] => [ownerColour(key), name, ownerInk(key)]);
  return {
    cpus,
    from: data.from,
    to: data.to,
    legend,
    kinds: [...kinds.keys()].map((kind): [string, string] => [EVENT_MARKS[kind].colour, EVENT_MARKS[kind].words]),
    texts: texts.all,
    stays,
    runs,
    marks,
  };
}
