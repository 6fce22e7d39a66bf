import { useEffect, useState } from 'preact/hooks';
import { type Linked, linkOf } from '../model/link.js';
import type { Scenario } from '../model/scenario.js';
import type { StateView } from '../model/state-view.js';
import type { PackedTimeline } from '../timeline/packed.js';
import type { Answer, Problem, Request } from '../worker/messages.js';

/** What the page shows. */
export interface PageState {
  readonly scenario: Scenario;
  readonly view: StateView | undefined;
  /** The view before: what differs is marked. */
  readonly before: StateView | undefined;
  readonly timeline: PackedTimeline | undefined;
  readonly running: boolean;
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

/** What the page knows, and the worker that it knows it from. */
export class Store {
  #state: PageState;
  #fragment = '';
  readonly #worker = new Worker(new URL('../worker/simulation-worker.ts', import.meta.url), { type: 'module' });
  readonly #listeners = new Set<() => void>();
  readonly #checks = new Map<number, (problem: Problem | undefined) => void>();
  #checked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #linking: ReturnType<typeof setTimeout> | undefined;

  constructor({ scenario, at }: Linked) {
    this.#state = {
      scenario,
      view: undefined,
      before: undefined,
      timeline: undefined,
      running: false,
      count: 0,
      why: '',
      message: undefined,
      mnemonics: new Map(),
    };
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => this.#answered(data));
    this.#worker.addEventListener('error', ({ message }) => this.say(`the simulation has failed: ${message}`));
    this.#send({ kind: 'load', scenario, at });
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

  /** Another scenario: it is composed as soon as nobody types. */
  change(scenario: Scenario, at = 0): void {
    this.#set({ scenario, message: undefined, why: 'changed' });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send({ kind: 'load', scenario, at }), SETTLED);
    this.#link();
  }

  /** What is said of a scenario: it stays where it is. */
  annotate(some: Pick<Scenario, 'title' | 'notes'>): void {
    this.#set({ scenario: { ...this.#state.scenario, ...some } });
    this.#link();
  }

  /** Some of a scenario is different. */
  alter(some: Partial<Scenario>): void {
    this.change({ ...this.#state.scenario, ...some });
  }

  ask(request: Request): void {
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

  /** The link follows, as soon as nothing changes any more. */
  #link(): void {
    clearTimeout(this.#linking);
    this.#linking = setTimeout(async () => {
      const { scenario, view } = this.#state;
      const fragment = await linkOf({ scenario, at: view?.count ?? 0 });
      if (scenario !== this.#state.scenario) return;
      this.#fragment = fragment;
      history.replaceState(undefined, '', `#${fragment}`);
    }, LINKED);
  }

  #send(request: Request): void {
    this.#worker.postMessage(request);
  }

  #answered(answer: Answer): void {
    switch (answer.kind) {
      case 'ready':
        this.#set({ mnemonics: new Map(answer.mnemonics) });
        break;
      case 'running':
        this.#set({ count: answer.count, running: true });
        break;
      case 'failed':
        this.#set({ message: answer.message, running: false });
        break;
      case 'checked':
        this.#checks.get(answer.id)?.(answer.problem);
        this.#checks.delete(answer.id);
        break;
      case 'state': {
        const { view, timeline, why } = answer;
        const before = why === 'loaded' ? undefined : this.#state.view;
        this.#set({ view, before, timeline, why, count: view.count, running: false });
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
