import { useEffect, useState } from 'preact/hooks';
import { EXAMPLES } from '../examples.js';
import { type Linked, linkOf } from '../model/link.js';
import { sameScenario } from '../model/same-scenario.js';
import { checkScenario, type Scenario } from '../model/scenario.js';
import type { StateView } from '../model/state-view.js';
import type { PackedTimeline } from '../timeline/packed.js';
import { containedWorker } from '../worker/contained-worker.js';
import type { Answer, Problem, Request } from '../worker/messages.js';
// The worker's file as it is served.
import script from '../worker/simulation-worker.ts?worker&url';

/** What can be in front. */
export type Page = 'simulate' | 'trace';

/** What the page shows. */
export interface PageState {
  readonly scenario: Scenario;
  readonly view: StateView | undefined;
  /** The view before: what differs is marked. */
  readonly before: StateView | undefined;
  readonly timeline: PackedTimeline | undefined;
  /** The worker has a kernel of this scenario; else everything that is shown is of one before. */
  readonly composed: boolean;
  readonly running: boolean;
  /** Page that is in front. */
  readonly page: Page;
  /** How many scenarios were opened in place of the one before: what was looked at in that is of no interest. */
  readonly opened: number;
  /** Id of the example that it began with. */
  readonly origin: string | undefined;
  /** How far it has come, also while it runs. */
  readonly count: number;
  /** Why it stands where it stands. */
  readonly why: string;
  /** What is wrong; `undefined`: nothing. */
  readonly message: string | undefined;
  readonly mnemonics: ReadonlyMap<string, string>;
}

/** Milliseconds after the latest change of a scenario until it is composed. */
const SETTLED = 250;
/** Milliseconds after the latest change of anything until the link says so: browsers count how often it changes. */
const LINKED = 400;

/** The example that a scenario is. */
function originOf(scenario: Scenario): string | undefined {
  return EXAMPLES.find((example) => sameScenario(example.scenario, scenario))?.id;
}

/** The example that a link is about, if there is such a one. */
function originIn({ scenario, origin }: Linked): string | undefined {
  return originOf(scenario) ?? EXAMPLES.find(({ id }) => id === origin)?.id;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What the page knows, and the worker that it knows it from. */
export class Store {
  #state: PageState;
  #fragment = '';
  #kept: boolean;
  #show: Linked['show'];
  /** The count that a scenario is to be shown at, until it is. */
  #at: number;
  /** Which scenario this is, by number: what the worker still says of one before is not of this one. */
  #of = 0;
  readonly #worker = containedWorker(script);
  readonly #listeners = new Set<() => void>();
  readonly #checks = new Map<number, (problem: Problem | undefined) => void>();
  #checked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #linking: ReturnType<typeof setTimeout> | undefined;

  /** `kept`: the address of the page stays until something is changed, for it is one that could not be read. */
  constructor(linked: Linked, kept = false) {
    const { scenario, at = 0, show, trace = false } = linked;
    this.#kept = kept;
    this.#at = at;
    this.#show = show;
    this.#state = {
      scenario,
      view: undefined,
      before: undefined,
      timeline: undefined,
      composed: false,
      running: false,
      page: trace ? 'trace' : 'simulate',
      opened: 0,
      origin: originIn(linked),
      count: 0,
      why: '',
      message: undefined,
      mnemonics: new Map(),
    };
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => this.#answered(data));
    this.#worker.addEventListener('error', ({ message }) => this.say(`the simulation has failed: ${message}`));
    this.#send({ kind: 'load', of: this.#of, scenario, at });
  }

  get state(): PageState {
    return this.#state;
  }

  /** What the link of the page says behind its #. */
  get fragment(): string {
    return this.#fragment;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Another timeline in place of the simulation's, until that has a new one: for who looks with the console. */
  show(timeline: PackedTimeline): void {
    this.#set({ timeline });
  }

  say(message: string): void {
    this.#set({ message, running: false });
  }

  /**
   * Another scenario: it is composed as soon as nobody types. One that cannot be is shown all the same, with what is
   * wrong, and neither composed nor linked to. `origin`: the example that it began with.
   */
  change(scenario: Scenario, at = 0, origin = originOf(scenario) ?? this.#state.origin): void {
    this.#kept = false;
    this.#at = at;
    this.#of++;
    this.#send({ kind: 'pause' });
    clearTimeout(this.#timer);
    this.#set({ scenario, origin, message: undefined, why: 'changed', composed: false, running: false });
    if (!this.#valid()) return;
    this.#timer = setTimeout(() => this.#send({ kind: 'load', of: this.#of, scenario, at }), SETTLED);
    this.#link();
  }

  /** An example: the browser's way back leads to what was there. */
  async open(scenario: Scenario): Promise<void> {
    await this.linked();
    this.#show = undefined;
    this.#set({ opened: this.#state.opened + 1 });
    this.change(scenario);
    await this.#push();
  }

  /** What an address says that somebody has gone to. */
  visit(fragment: string, linked: Linked): void {
    const { scenario, at, show, trace } = linked;
    this.#fragment = fragment;
    this.#show = show;
    this.#set({ opened: this.#state.opened + 1, page: trace === true ? 'trace' : 'simulate', origin: undefined });
    this.change(scenario, at, originIn(linked));
  }

  /** The part of the timeline that is shown; `undefined`: everything. */
  get part(): Linked['show'] {
    return this.#show;
  }

  set part(show: Linked['show']) {
    if (show?.from === this.#show?.from && show?.to === this.#show?.to) return;
    this.#show = show;
    this.#link();
  }

  /** Brings a page to the front; the browser's way back leads to the other. */
  async turn(page: Page): Promise<void> {
    if (page === this.#state.page) return;
    await this.linked();
    this.#set({ page });
    await this.#push();
  }

  /** What is said of a scenario: the kernel stays where it is. */
  annotate(notes: Scenario['notes']): void {
    const { notes: _, ...rest } = this.#state.scenario;
    this.#set({ scenario: notes === undefined ? rest : { ...rest, notes }, message: undefined });
    if (this.#valid()) this.#link();
  }

  /** Some of a scenario is different. */
  alter(some: Partial<Scenario>): void {
    this.change({ ...this.#state.scenario, ...some });
  }

  /** Goes somewhere, if there is a kernel of this scenario. */
  ask(request: Request): void {
    if (!this.#state.composed) return;
    this.#kept = false;
    const running = request.kind === 'run' || request.kind === 'go';
    this.#set(running ? { running, message: undefined } : { message: undefined });
    this.#send(request);
  }

  /** What is wrong with a text. */
  check(text: string): Promise<Problem | undefined> {
    const id = ++this.#checked;
    return new Promise((resolve) => {
      this.#checks.set(id, resolve);
      this.#send({ kind: 'check', id, text, space: this.#state.scenario.space });
    });
  }

  /** The address of the page says what there is now. */
  async linked(): Promise<void> {
    clearTimeout(this.#linking);
    const { scenario } = this.#state;
    const fragment = await this.#fragmentNow();
    // Somebody may have gone elsewhere meanwhile: then the address is not this state's.
    const elsewhere = this.#fragment !== '' && location.hash.slice(1) !== this.#fragment;
    if (fragment === undefined || scenario !== this.#state.scenario || elsewhere) return;
    this.#fragment = fragment;
    history.replaceState(undefined, '', `#${fragment}`);
  }

  /** Another entry in the browser's history, with what there is now. */
  async #push(): Promise<void> {
    clearTimeout(this.#linking);
    const fragment = await this.#fragmentNow();
    if (fragment === undefined) return;
    this.#fragment = fragment;
    history.pushState(undefined, '', `#${fragment}`);
  }

  /** What a link says of what there is now; `undefined`: it has to stay as it is. */
  async #fragmentNow(): Promise<string | undefined> {
    const { scenario, view, page, composed, origin } = this.#state;
    if (this.#kept) return undefined;
    try {
      return await linkOf({
        scenario: checkScenario(scenario),
        at: composed ? (view?.count ?? 0) : this.#at,
        trace: page === 'trace',
        ...(this.#show === undefined ? {} : { show: this.#show }),
        ...(origin === undefined || originOf(scenario) !== undefined ? {} : { origin }),
      });
    } catch (error) {
      this.#set({ message: messageOf(error) });
      return undefined;
    }
  }

  /** The link follows, as soon as nothing changes any more. */
  #link(): void {
    clearTimeout(this.#linking);
    this.#linking = setTimeout(() => (this.#state.running ? this.#link() : void this.linked()), LINKED);
  }

  /** Says what is wrong with the scenario, if anything is. */
  #valid(): boolean {
    try {
      checkScenario(this.#state.scenario);
      return true;
    } catch (error) {
      this.#set({ message: messageOf(error) });
      return false;
    }
  }

  #send(request: Request): void {
    this.#worker.postMessage(request);
  }

  #answered(answer: Answer): void {
    if ('of' in answer && answer.of !== this.#of) return;
    switch (answer.kind) {
      case 'ready':
        this.#set({ mnemonics: new Map(answer.mnemonics) });
        break;
      case 'running':
        this.#set({ count: answer.count, running: true });
        break;
      case 'failed':
        this.#set({ message: answer.message, running: false, composed: false });
        break;
      case 'checked':
        this.#checks.get(answer.id)?.(answer.problem);
        this.#checks.delete(answer.id);
        break;
      case 'state': {
        const { view, timeline = this.#state.timeline, why } = answer;
        const before = why === 'loaded' ? undefined : this.#state.view;
        this.#set({ view, before, timeline, why, count: view.count, running: false, composed: true });
        this.#link();
      }
    }
  }

  #set(some: Partial<PageState>): void {
    this.#state = { ...this.#state, ...some };
    for (const listener of this.#listeners) listener();
  }
}

/** The state of a store, for a component that is drawn again when it changes. */
export function useStore(store: Store): PageState {
  const [state, setState] = useState(store.state);
  useEffect(() => store.listen(() => setState(store.state)), [store]);
  return state;
}
