import {
  type ArchManifest,
  type Consumer,
  type Cpu,
  checkOptions,
  consumerPlugin,
  Disposables,
  formatHolder,
  type Hit,
  inject,
  injectable,
  kind,
  MACHINE,
  MANIFEST,
  type Machine,
  type Plugin,
  type PluginManifest,
  provideValue,
  REGISTERS,
  type Registers,
  type Registration,
  SYMBOLS,
  type SymbolTable,
  type Task,
  Token,
  wholeNumber,
} from '@hwbp/core';
import type { HistoryChanges, HistoryCursor, HistoryData, HistoryEvent, HistoryHappening, Interval } from './data.js';
import { Happenings } from './happenings.js';
import { Names } from './names.js';
import { countOf, namesOf } from './register-names.js';
import { Stays } from './stays.js';

/** How a history is kept. */
export interface HistoryOptions {
  /** Intervals that are kept, and events; the oldest are dropped, and counted. From 1; default 65,536 of each. */
  readonly capacity?: number;
  /**
   * Of a guest: the history of its host. Then times are counts of the host's instructions, entries and exits of the
   * guest's CPUs are events, and what the host has as plain data has it too. Default: it is nobody's guest.
   */
  readonly host?: History;
  /** Of a guest: what it is called. Default `guest`, with a number from the second one on. */
  readonly name?: string;
}

/** Intervals, and events, that are kept unless a composition says otherwise. */
const CAPACITY = 65_536;

const HISTORY_OPTIONS = new Token<HistoryOptions>('HistoryOptions', 'compose history({ ... })');

const OPTIONS = {
  capacity: wholeNumber(1),
  host: kind('a history, such as host.get(History)', (value) => value instanceof History),
  name: kind('a name', (value) => typeof value === 'string' && value !== ''),
};

/** Number of the interrupt that cannot be masked, which has no line. */
const NMI = -1;
const NO_CPU = -1;

/**
 * Who held which debug register of which CPU from when to when, who waited, and what happened meanwhile. It looks, and
 * changes nothing: a kernel with a history runs as without. What it costs is constant for each install, hit and context
 * switch, and nothing for an access. The kernel's end leaves what there is to be read.
 */
@injectable()
export class History implements Consumer {
  static readonly plugin: PluginManifest = { name: 'history', wants: [HISTORY_OPTIONS] };
  readonly #machine: Machine;
  readonly #registers: Registers;
  readonly #manifest: ArchManifest;
  readonly #names: Names;
  readonly #stays: Stays;
  readonly #happenings: Happenings;
  readonly #host: History | undefined;
  readonly #name: string | undefined;
  readonly #guests = new Set<History>();
  #hooks: Disposables | undefined;
  /** When it began, or was cleared. */
  #from = 0;
  /** When it was stopped. */
  #to = 0;
  /** The latest debugger that has stopped the machine, and when. */
  #machineStop: { readonly why: string; readonly count: number } | undefined;
  #era = 0;

  /** Compose a kernel with `history()`, or with the class; do not call this. */
  constructor(
    @inject(MACHINE) machine: Machine,
    @inject(REGISTERS) registers: Registers,
    @inject(MANIFEST) manifest: ArchManifest,
    @inject(SYMBOLS) symbols: SymbolTable,
    @inject(HISTORY_OPTIONS) options: HistoryOptions | undefined,
  ) {
    const { capacity = CAPACITY, host, name } = options ?? {};
    this.#machine = machine;
    this.#host = host;
    this.#name = name;
    this.#registers = registers;
    this.#manifest = manifest;
    this.#names = new Names(symbols);
    this.#stays = new Stays(machine.cpus.length, countOf(manifest), capacity, this.#names);
    this.#happenings = new Happenings(capacity);
  }

  /** What is in registers by now is held from here on. */
  start(): void {
    if (this.#hooks !== undefined) return;
    this.#begin();
    this.#hooks = new Disposables();
    const { hooks, hibernation, power } = this.#machine;
    const registers = this.#registers.hooks;
    // What was before an image is not in it: the kernel that resumes has a history from there on.
    let restored = false;
    const resume = (): void => {
      if (restored) this.#begin();
      restored = false;
    };
    const restore = (): void => {
      restored = true;
    };
    this.#hooks.add(
      hibernation.parts.register('history', { save: () => null, restore }),
      power.register('core', 'history', { resume }),
    );
    this.#hooks.add(
      registers.installed.add((one) => this.#stays.begin(one, this.#now)),
      registers.uninstalled.add((one, why, by) => this.#stays.end(one, this.#now, why, by)),
      registers.disabled.add((one) => this.#stays.because(one, this.#now, 'changed')),
      registers.released.add((one) => this.#released(one)),
      registers.hit.add((one, hit) => this.#hit(one, hit)),
      registers.waits.add((one) => this.#about(one, { kind: 'waits', ...this.#named(one) })),
      registers.granted.add((one) => this.#about(one, { kind: 'granted', ...this.#named(one) })),
      registers.displaced.add((one, by) => this.#displaced(one, by)),
      registers.refused.add((one, holders) => this.#refused(one, holders.map(formatHolder))),
      registers.entered.add((owner) => this.#entered(owner)),
      hooks.contextSwitch.add((cpu, previous, next) => this.#switch(cpu, previous, next)),
      hooks.interrupt.add((cpu, line) => this.#on(cpu, { kind: 'interrupt', line })),
      hooks.nmi.add((cpu) => this.#on(cpu, { kind: 'interrupt', line: NMI })),
      ...this.#withHost(),
      hooks.guestEntry.add((cpu) => this.#on(cpu, { kind: 'guest-entry' })),
      hooks.guestExit.add((cpu) => this.#on(cpu, { kind: 'guest-exit' })),
      hooks.suspend.add((cpu, why) => this.#suspended(cpu, why)),
      hooks.stop.add((task) =>
        this.#add(task.cpu, task, { kind: 'stop', of: 'task', why: task.stoppedBy ?? 'tracer' }),
      ),
    );
  }

  /** What it has stays to be read. */
  stop(): void {
    if (this.#hooks === undefined) return;
    this.#to = this.#now;
    this.#hooks[Symbol.dispose]();
    this.#hooks = undefined;
  }

  /** Names of one CPU's registers, by number: the manual's, where the architecture says them. */
  get registers(): readonly string[] {
    return namesOf(this.#manifest);
  }

  /** Everything by now, as plain data of its own. */
  snapshot(): HistoryData {
    const data = this.#data(this.#stays.intervals, this.#happenings.events);
    if (this.#guests.size === 0) return data;
    return { ...data, guests: [...this.guests].map(([name, guest]) => ({ name, ...guest.snapshot() })) };
  }

  /** Histories of its guests, by name. */
  get guests(): ReadonlyMap<string, History> {
    const named = new Map<string, History>();
    for (const guest of this.#guests) {
      const name = guest.#name ?? 'guest';
      let free = name;
      for (let n = 2; named.has(free); n++) free = `${name} ${n}`;
      named.set(free, guest);
    }
    return named;
  }

  /**
   * What is new since a look before, whose `cursor` this is; without one: everything. It costs what is new, not what is
   * there, so that a picture can follow a run.
   */
  since(cursor: HistoryCursor = { era: this.#era, intervals: 0, events: 0 }): HistoryChanges {
    const anew = cursor.era !== this.#era;
    const { intervals, events } = anew ? { intervals: 0, events: 0 } : cursor;
    return {
      cursor: { era: this.#era, intervals: this.#stays.total, events: this.#happenings.total },
      anew,
      data: this.#data(this.#stays.pastSince(intervals), this.#happenings.since(events)),
      latest: this.#stays.latest,
    };
  }

  #data(intervals: readonly Interval[], events: readonly HistoryEvent[]): HistoryData {
    const to = this.#hooks === undefined ? this.#to : this.#now;
    return {
      cpus: this.#machine.cpus.length,
      registers: this.registers,
      from: Math.max(this.#from, this.#stays.lostTo, this.#happenings.lostTo),
      to,
      lost: { intervals: this.#stays.lost, events: this.#happenings.lost },
      owners: this.#names.owners,
      intervals,
      events,
    };
  }

  /** Forgets everything; who is in a register is there from now on. */
  clear(): void {
    if (this.#hooks === undefined) {
      this.#forget();
      this.#from = this.#to;
    } else this.#begin();
  }

  get #now(): number {
    return this.#host === undefined ? this.#machine.count : this.#host.#now;
  }

  /** Its host has it from now on; when its CPUs come and go is told by the host's machine. */
  #withHost(): readonly (() => void)[] {
    if (this.#host === undefined) return [];
    this.#host.#guests.add(this);
    const { cpus } = this.#machine;
    const { guestEntry, guestExit } = this.#host.#machine.hooks;
    const told = (kind: 'guest-entry' | 'guest-exit') => (_: Cpu, virtual: Cpu) => {
      if (cpus[virtual.index] === virtual) this.#on(virtual, { kind });
    };
    return [guestEntry.add(told('guest-entry')), guestExit.add(told('guest-exit'))];
  }

  #begin(): void {
    this.#forget();
    this.#from = this.#now;
    for (const { index } of this.#machine.cpus) {
      for (const occupant of this.#registers.driver(index).occupants) {
        if (occupant !== undefined) this.#stays.begin(occupant as Registration, this.#from);
      }
    }
  }

  #forget(): void {
    this.#era++;
    this.#names.clear();
    this.#stays.clear();
    this.#happenings.clear();
    this.#machineStop = undefined;
  }

  #released(registration: Registration): void {
    this.#stays.because(registration, this.#now, 'released');
    this.#names.forget(registration);
  }

  #hit(registration: Registration, hit: Hit): void {
    this.#stays.hit(registration);
    const { cpu } = hit;
    const facts = this.#names.of(registration);
    // It may not have retired yet: its number is what the count is about to be.
    const count = this.#now + hit.count - this.#machine.count;
    this.#happenings.hit(count, cpu, this.#nameOf(hit.task), registration.register, facts, hit.context);
  }

  #displaced(registration: Registration, by: Registration | undefined): void {
    const whose = by === undefined ? {} : { by: this.#names.asked(by) };
    this.#about(registration, { kind: 'displaced', ...this.#named(registration), ...whose });
  }

  #refused({ owner, attr, task, cpu }: Registration, holders: readonly string[]): void {
    this.#add(cpu, task, { kind: 'refused', owner, what: this.#names.what(attr), holders });
  }

  /** A debugger has the machine. */
  #entered(owner: string): void {
    this.#machineStop = { why: owner, count: this.#now };
    this.#add(NO_CPU, undefined, { kind: 'stop', of: 'machine', why: owner });
  }

  /** An exception handler has stopped the machine: that of a debugger which has it by now has said so already. */
  #suspended(cpu: Cpu, why: string): void {
    const { why: whose, count } = this.#machineStop ?? {};
    if (whose !== why || count !== this.#now) this.#on(cpu, { kind: 'stop', of: 'machine', why });
  }

  #switch(cpu: Cpu, previous: Task | undefined, next: Task | undefined): void {
    this.#happenings.switch(this.#now, cpu.index, this.#nameOf(previous), this.#nameOf(next));
  }

  /** What of a breakpoint is told. */
  #named(registration: Registration): { readonly owner: number; readonly what: string } {
    const { owner, what } = this.#names.of(registration);
    return { owner, what };
  }

  #about({ cpu, onCpu, task }: Registration, what: HistoryHappening): void {
    this.#add(onCpu < 0 ? cpu : onCpu, task, what);
  }

  #on(cpu: Cpu, what: HistoryHappening): void {
    this.#add(cpu.index, this.#machine.current(cpu), what);
  }

  #add(cpu: number, task: Task | undefined, what: HistoryHappening): void {
    this.#happenings.add(this.#now, cpu, this.#nameOf(task), what);
  }

  #nameOf(task: Task | undefined): string | undefined {
    return task === undefined ? undefined : this.#names.task(task);
  }
}

/** A history with options: `composeKernel({ plugins: [history({ capacity: 1024 })] })`, `kernel.get(History)`. */
export function history(options: HistoryOptions = {}): Plugin {
  checkOptions('history', options, OPTIONS);
  return consumerPlugin(History, { ...options }, [provideValue(HISTORY_OPTIONS, { ...options })]);
}
