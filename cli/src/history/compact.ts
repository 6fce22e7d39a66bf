import { colouringOf, type HistoryData, happened, ownerColour, taskRuns } from '@hwbp/history';

/** A history as the page has it: texts once, and numbers that say which. -1: none. */
export interface CompactHistory {
  readonly cpus: number;
  readonly registers: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly owners: readonly string[];
  /** What each colour stands for. */
  readonly legend: readonly (readonly [colour: string, words: string])[];
  readonly texts: readonly string[];
  /** CPU, register, owner, from, to, what, task, end, by, number in the legend. */
  readonly stays: readonly (readonly number[])[];
  /** CPU, task, from, to. */
  readonly runs: readonly (readonly number[])[];
  /** Count, CPU, register (-1: what is no hit), what. */
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
  const { cpus, registers, from, to, owners, intervals, events } = data;
  const texts = new Texts();
  const colouring = colouringOf(data);
  const stays = intervals.map((one) => [
    one.cpu,
    one.register,
    one.owner,
    one.from,
    one.to ?? to,
    texts.of(one.what),
    texts.of(one.task),
    texts.of(one.end ?? 'held'),
    texts.of(one.by),
    colouring.keyOf(one),
  ]);
  const runs = taskRuns(data).map((run) => [run.cpu, texts.of(run.task), run.from, run.to]);
  const marks = events
    .filter(({ kind }) => kind !== 'switch')
    .map((event) => {
      const register = event.kind === 'hit' ? event.register : -1;
      const who = event.task === undefined ? '' : ` (${event.task})`;
      return [event.count, Math.max(event.cpu, 0), register, texts.of(`${happened(event, data)}${who}`)];
    });
  const legend = colouring.names.map((name, key): [string, string] => [ownerColour(key), name]);
  return { cpus, registers, from, to, owners, legend, texts: texts.all, stays, runs, marks };
}
