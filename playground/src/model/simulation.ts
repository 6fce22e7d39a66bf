import type { HistoryData } from '@hwbp/history';
import { MOST_INSTRUCTIONS, type Scenario } from './scenario.js';
import { type RunEnd, Session } from './session.js';
import type { StateView } from './state-view.js';

/**
 * A scenario that goes forward and back. Nothing of a run is undone: a scenario and a count say a state, so the way
 * back is the way there again, on a kernel that is composed anew.
 */
export class Simulation {
  readonly scenario: Scenario;
  #session: Session;

  /** Throws a `ScenarioError` for one that cannot be composed. */
  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.#session = new Session(scenario);
  }

  [Symbol.dispose](): void {
    this.#session[Symbol.dispose]();
  }

  get count(): number {
    return this.#session.count;
  }

  /** Why nothing can run any more. */
  get ended(): string | undefined {
    return this.#session.ended;
  }

  get view(): StateView {
    return this.#session.view;
  }

  get history(): HistoryData {
    return this.#session.history;
  }

  /** One instruction, of whoever's turn it is. */
  step(): RunEnd {
    return this.#session.runTo(Math.min(this.count + 1, MOST_INSTRUCTIONS));
  }

  /**
   * The count of the state before: one instruction back; from an end that came behind the last one, in front of that.
   */
  get before(): number {
    return Math.max(0, this.ended === undefined ? this.count - 1 : this.count);
  }

  /** One instruction back. */
  back(): void {
    this.restart(this.before);
  }

  /** Up to `slice` instructions, and not beyond a count. */
  run(slice: number, count = MOST_INSTRUCTIONS, toHit = false): RunEnd {
    return this.#session.runTo(Math.min(this.count + slice, count, MOST_INSTRUCTIONS), toHit);
  }

  /** The same kernel from its beginning; `count`: up to there, at once. */
  restart(count = 0): void {
    this.#session[Symbol.dispose]();
    this.#session = new Session(this.scenario);
    this.#session.runTo(count);
  }
}
