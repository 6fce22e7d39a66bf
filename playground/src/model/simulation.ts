import type { History } from '@hwbp/history';
import { Journal } from './journal.js';
import { MOST_INSTRUCTIONS, type Scenario } from './scenario.js';
import { type RunEnd, Session } from './session.js';
import type { StateView } from './state-view.js';

/** States in front of a count that are kept on the way back to it. */
const WINDOW = 256;
/** The same for somebody who goes on to step back: each way there again is longer for less. */
const WIDEST = 2048;
/** States that are kept in one slice of a run: each costs as much as hundreds of instructions. */
const KEPT_OF_SLICE = 16;

/** On the way back. */
interface Rewind {
  /** States are kept from this count on. */
  readonly from: number;
  readonly to: number;
}

/**
 * A scenario that goes forward and back. Nothing of a run is undone: a scenario and a count say a state, so the way
 * back is the way there again, on a kernel that is composed anew. The states in front of that count are kept, so that
 * the steps back that follow cost nothing.
 */
export class Simulation {
  readonly scenario: Scenario;
  #session: Session;
  /** If there are any: the states up to the one of the session. */
  readonly #journal = new Journal(2 * WIDEST);
  #rewind: Rewind | undefined;
  #window = WINDOW;

  /** Throws a `ScenarioError` for one that cannot be composed. */
  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.#session = new Session(scenario);
  }

  [Symbol.dispose](): void {
    this.#session[Symbol.dispose]();
  }

  get count(): number {
    return (this.#journal.shown ?? this.#session).count;
  }

  /** Why nothing can run any more. */
  get ended(): string | undefined {
    return (this.#journal.shown ?? this.#session).ended;
  }

  get view(): StateView {
    const { shown } = this.#journal;
    if (shown !== undefined) return shown;
    const { view } = this.#session;
    this.#journal.add(view, false);
    return view;
  }

  /** Of the kernel that runs, which may be farther than what is shown. */
  get history(): History {
    return this.#session.history;
  }

  /**
   * The count of the state before: one instruction back; from an end that came behind the last one, in front of that.
   */
  get before(): number {
    return Math.max(0, this.ended === undefined ? this.count - 1 : this.count);
  }

  /** One instruction, of whoever's turn it is. */
  step(): RunEnd {
    const more = this.ended === undefined && this.#session.count < MOST_INSTRUCTIONS;
    if (!this.#journal.forward() && more) this.#keep();
    if (this.ended !== undefined) return 'ended';
    return this.#journal.hit ? 'hit' : 'count';
  }

  /** One instruction back, however long the way there is. */
  back(): void {
    const { before } = this;
    this.rewind(before);
    while (this.#rewind !== undefined) this.run(MOST_INSTRUCTIONS, before);
  }

  /** Up to `slice` instructions, and not beyond a count. */
  run(slice: number, count = MOST_INSTRUCTIONS, toHit = false): RunEnd {
    const target = Math.min(count, MOST_INSTRUCTIONS);
    if (this.#rewind?.to !== target || toHit) this.#rewind = undefined;
    while (this.count < target && this.#journal.forward()) if (toHit && this.#journal.hit) return 'hit';
    if (this.ended !== undefined) return 'ended';
    if (this.count === target) {
      this.#rewind = undefined;
      return 'count';
    }
    const most = Math.min(this.#session.count + slice, target);
    if (this.#rewind === undefined) {
      this.#journal.clear();
      return this.#session.runTo(most, toHit);
    }
    this.#goBack(most, this.#rewind);
    return 'count';
  }

  /**
   * Begins to go back to a count that is not behind this one. It is there at once, or on its way: then runs to that
   * count come to it.
   */
  rewind(count: number): void {
    this.#rewind = undefined;
    if (this.#journal.show(count)) return;
    this.#window = this.#journal.first === count + 1 ? Math.min(2 * this.#window, WIDEST) : WINDOW;
    this.#rewind = { from: Math.max(0, count - this.#window), to: count };
    this.#session[Symbol.dispose]();
    this.#session = new Session(this.scenario);
    this.#journal.clear();
    if (count === 0) this.#rewind = undefined;
  }

  #goBack(most: number, { from, to }: Rewind): void {
    if (this.#session.count < from) {
      this.#session.runTo(Math.min(most, from));
      return;
    }
    // The first one, where the way began or came to.
    if (this.#journal.shown === undefined) this.#journal.add(this.#session.view, false);
    for (let kept = 0; kept < KEPT_OF_SLICE && this.#session.count < most; kept++) this.#keep();
    if (this.#session.count === to) this.#rewind = undefined;
  }

  /** One instruction, and its state is kept. */
  #keep(): void {
    const end = this.#session.runTo(this.#session.count + 1, true);
    this.#journal.add(this.#session.view, end === 'hit');
  }
}
