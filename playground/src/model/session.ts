import { type Cpu, type Kernel, KernelError, type SlotHolder, symbolize, type Task } from '@hwbp/core';
import type { History } from '@hwbp/history';
import { type Composition, composeScenario, historyOf, type World } from './compose.js';
import { type HitSource, tellHits } from './hit-lines.js';
import { MODELS } from './models.js';
import { ownerTitle, withOwners } from './owners.js';
import { OWNER_TITLES, type Scenario, type ScenarioWatch } from './scenario.js';
import type { HolderView, RefusalView, StateView, VariableView, WatchView } from './state-view.js';
import { TraceTail } from './trace-tail.js';
import { memoryName, readVariables } from './variables.js';
import { viewOf } from './view.js';
import { Debugger } from './watches/debugger.js';
import { NotComposedError, type PlacedWatch, place } from './watches/place.js';
import { settingOf } from './watches/setting.js';

/** Why a run came to its end. */
export type RunEnd = 'count' | 'hit' | 'ended';

/** Instructions between two looks at what has happened: in so many it is less than a history keeps. */
const STRETCH = 16_384;

/** What has become of one watch of a scenario. */
interface Asked {
  readonly watch: ScenarioWatch;
  state: 'not yet' | 'placed' | 'refused' | 'given back';
  placed: PlacedWatch | undefined;
}

/** One kernel that plays a scenario from its beginning: it can go on, and nothing else. */
export class Session {
  readonly scenario: Scenario;
  readonly composition: Composition;
  readonly #asked: readonly Asked[];
  readonly #refusals: RefusalView[] = [];
  readonly #trace: TraceTail;
  readonly #left = new Map<Task, readonly VariableView[]>();
  readonly #debuggers = new Map<World, Debugger>();
  /** By physical CPU: the virtual one that is on it. */
  readonly #inside = new Map<Cpu, Cpu>();
  /** Number of the latest instruction that was hit: it may not have retired yet. */
  #latestHit = 0;
  /** Stop at the next hit. */
  #toHit = false;
  /** Number of the instruction that was hit last. */
  #hitAt = -1;
  #ended: string | undefined;

  /** Composes it. Throws a `ScenarioError` for one that cannot be. */
  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.composition = composeScenario(scenario);
    this.#trace = new TraceTail(historyOf(this.composition));
    this.#asked = scenario.watches.map((watch) => ({ watch, state: 'not yet', placed: undefined }));
    const { host, guest } = this.composition;
    this.#follow(host, '', (number) => number);
    if (guest !== undefined) {
      const { machine } = guest.kernel;
      // Both count an instruction of the guest's.
      this.#follow(guest, 'guest: ', (number) => this.count + (number - machine.count));
      const { guestEntry, guestExit } = host.kernel.machine.hooks;
      guestEntry.add((cpu, virtual) => void this.#inside.set(cpu, virtual));
      guestExit.add((cpu) => void this.#inside.delete(cpu));
    }
    this.#due();
  }

  #follow({ kernel }: World, prefix: string, count: HitSource['count']): void {
    const { space } = this.scenario;
    const { machine } = this.composition.host.kernel;
    kernel.machine.hooks.exit.add((task) => {
      const of = memoryName(task, this.composition, kernel);
      this.#left.set(task, readVariables(task.memory, of, this.composition.assembly));
    });
    tellHits({ kernel, space, registers: this.history.registers, prefix, count }, (note) => {
      this.#trace.note(note);
      this.#latestHit = note.count;
      if (!this.#toHit) return;
      this.#hitAt = note.count;
      machine.stop('a breakpoint was hit');
    });
  }

  [Symbol.dispose](): void {
    this.composition.guest?.kernel.dispose();
    this.composition.host.kernel.dispose();
  }

  /** Instructions that have retired. */
  get count(): number {
    return this.composition.host.kernel.machine.count;
  }

  /** Why nothing can run any more. */
  get ended(): string | undefined {
    return this.#ended;
  }

  get history(): History {
    return historyOf(this.composition);
  }

  /** Everything that there is to see. */
  get view(): StateView {
    this.#trace.look();
    const notes = {
      trace: this.#trace,
      refusals: this.#refusals,
      watches: this.#asked.map((asked) => this.#watchView(asked)),
      inside: this.#inside,
      left: this.#left,
    };
    return viewOf(this.composition, this.scenario, { ...notes, ended: this.#ended });
  }

  /**
   * Runs until so many instructions have retired, or, `toHit`, to behind the next one that hits a breakpoint, whichever
   * comes first. How the way there is cut changes nothing: a state belongs to a count.
   */
  runTo(count: number, toHit = false): RunEnd {
    const { machine } = this.composition.host.kernel;
    this.#toHit = toHit;
    this.#hitAt = -1;
    let target = count;
    try {
      while (machine.count < target && this.#ended === undefined) {
        const until = Math.min(target, this.#nextDue(), machine.count + STRETCH);
        const { reason, instructions } = machine.run(until - machine.count);
        this.#trace.look();
        for (const one of this.#debuggers.values()) one.serve();
        // Before the access or behind it: to the end of the instruction that was hit.
        if (this.#hitAt >= 0) target = Math.min(target, Math.max(this.#hitAt, machine.count));
        const due = this.#due();
        if (reason === 'budget' || reason === 'stopped' || reason === 'suspended' || due || instructions > 0) continue;
        this.#ended = reason;
      }
    } finally {
      this.#toHit = false;
    }
    if (this.#ended !== undefined) return 'ended';
    return this.#hitAt >= 0 ? 'hit' : 'count';
  }

  /** When the next watch is asked for, or given back. */
  #nextDue(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { watch, state } of this.#asked) {
      if (state === 'not yet') next = Math.min(next, watch.from ?? 0);
      if (state === 'placed' && watch.until !== undefined) next = Math.min(next, watch.until);
    }
    return Math.max(next, this.count + 1);
  }

  /** Asks for what is due, and gives back what is. True if there was something. */
  #due(): boolean {
    let any = false;
    for (const [index, asked] of this.#asked.entries()) {
      const { watch } = asked;
      if (asked.state === 'placed' && watch.until !== undefined && watch.until <= this.count) {
        asked.state = 'given back';
        asked.placed?.release();
        any = true;
      }
      if (asked.state === 'not yet' && (watch.from ?? 0) <= this.count) {
        this.#ask(index, asked);
        any = true;
      }
    }
    return any;
  }

  #ask(index: number, asked: Asked): void {
    const { host, guest } = this.composition;
    const { watch } = asked;
    const world = watch.guest === true && guest !== undefined ? guest : host;
    const { kernel, tasks } = world;
    asked.state = 'placed';
    try {
      const setting = settingOf(watch, this.composition.assembly, kernel.breakpoints.manifest);
      const task = watch.task === undefined ? undefined : tasks.get(watch.task);
      if (watch.by === 'ptrace') {
        if (task === undefined) throw new NotComposedError('ptrace watches a task');
        asked.placed = this.#debuggerOf(world).watch(index, task, setting);
      } else asked.placed = place(watch.by, { kernel, watch, setting, task, hit: () => {} });
    } catch (error) {
      this.#refused(index, error);
    }
  }

  #debuggerOf(world: World): Debugger {
    let found = this.#debuggers.get(world);
    if (found === undefined) {
      found = new Debugger(world.kernel, MODELS[this.scenario.model].debugger, {
        stopped: (task, what) => this.#note('stop', what, task, Math.max(this.count, this.#latestHit)),
        stepped: (task, what) => this.#note('step', what, task),
        refused: (index, error) => this.#refused(index, error),
      });
      this.#debuggers.set(world, found);
    }
    return found;
  }

  /** Throws what is no refusal of the kernel's. */
  #refused(watch: number, error: unknown): void {
    const asked = this.#asked[watch];
    if (asked === undefined || !(error instanceof KernelError || error instanceof NotComposedError)) throw error;
    asked.state = 'refused';
    const of = error instanceof KernelError ? (error.details.holders as readonly SlotHolder[] | undefined) : [];
    const holders = (of ?? []).map((holder) => holderView(holder, this.composition.host.kernel));
    const { by, symbol, task } = asked.watch;
    const message = error instanceof KernelError ? withOwners(error.reason) : error.message;
    const code = error instanceof KernelError ? error.errno : 'not in this kernel';
    this.#refusals.push({ watch, count: this.count, code, message, holders });
    const why = holders.length === 0 ? message : `${code}, taken by ${holders.map(holderText).join(', ')}`;
    this.#trace.note({
      count: this.count,
      kind: 'refused',
      cpu: -1,
      task,
      text: `${OWNER_TITLES[by]} ${symbol}: ${why}`,
    });
  }

  #note(kind: string, text: string, task: Task, count = this.count): void {
    this.#trace.note({ count, kind, cpu: task.cpu, task: String(task), text });
  }

  #watchView({ watch, state, placed }: Asked): WatchView {
    const hits = placed?.hits ?? 0;
    if (state !== 'placed') return { state, hits };
    if (placed === undefined) return { state: 'refused', hits };
    if (placed.state !== 'in a register' || this.composition.guest === undefined) return { state: placed.state, hits };
    const { cpus } = this.composition.host.kernel.machine;
    const guests = cpus.filter((cpu) => this.#inside.has(cpu)).length;
    if (watch.guest === true) return { state: guests > 0 ? 'in a register' : 'set aside while the host runs', hits };
    return { state: guests < cpus.length ? 'in a register' : 'set aside while the guest runs', hits };
  }
}

function holderText({ owner, where, what }: HolderView): string {
  return `${owner} for ${where}: ${what}`;
}

function holderView({ owner, comm, pid, cpu, address, length, dead }: SlotHolder, { symbols }: Kernel): HolderView {
  const where = pid === undefined ? `CPU ${cpu}` : `task ${comm}-${pid}${cpu >= 0 ? ` on CPU ${cpu}` : ''}`;
  return {
    owner: ownerTitle(owner),
    where: dead ? `${where} (exited)` : where,
    what: `${symbolize(symbols, address)}/${length}`,
  };
}
