import {
  BREAKPOINTS,
  type Breakpoints,
  type Consumer,
  checkTask,
  Disposables,
  type HwBreakpointAttr,
  inject,
  injectable,
  LOGGER,
  type Logger,
  MACHINE,
  type Machine,
  type PluginManifest,
  PRIORITIES,
  type Priorities,
  type RegisterOptions,
  type Task,
  USER_DEBUGGERS,
} from '@hwbp/core';
import { ATTITUDES } from './attitude.js';
import { KwatchCalls } from './calls.js';
import { kwatchError } from './errors.js';
import { KwatchImage } from './kwatch-image.js';
import { Watch } from './watch.js';
import { WatchRecord } from './watch-record.js';
import { checkWatch, type WatchRequest } from './watch-request.js';

/** Name under which watches hold registers. */
const OWNER = 'kwatch';

/**
 * The kernel watchpoints of 2007: watches of the kernel (on every CPU, those included that come later) and of one task,
 * each with a priority, that lose their registers to stronger ones and get them back, and are told. Needs the slot
 * policy `priorities()`.
 */
@injectable()
export class Kwatch implements Consumer {
  static readonly plugin: PluginManifest = { name: 'kwatch' };

  /** The calls of 2007, which answer with numbers. */
  readonly calls: KwatchCalls;
  readonly #machine: Machine;
  readonly #breakpoints: Breakpoints;
  readonly #priorities: Priorities;
  readonly #logger: Logger;
  /** In the order of registration. */
  readonly #records = new Map<Watch, WatchRecord>();
  readonly #image: KwatchImage;
  #hooks: Disposables | undefined;

  /** Compose a kernel with the class; do not call this. */
  constructor(
    @inject(MACHINE) machine: Machine,
    @inject(BREAKPOINTS) breakpoints: Breakpoints,
    @inject(PRIORITIES) priorities: Priorities,
    @inject(LOGGER) logger: Logger,
  ) {
    this.#machine = machine;
    this.#breakpoints = breakpoints;
    this.#priorities = priorities;
    this.#logger = logger;
    this.calls = new KwatchCalls(this);
    this.#image = new KwatchImage(machine, breakpoints, this.#records);
  }

  start(): void {
    if (this.#hooks !== undefined) return;
    const { hooks, hibernation } = this.#machine;
    this.#hooks = new Disposables();
    this.#hooks.add(hibernation.parts.register('kwatch', this.#image));
    // What a task's watches watched is gone with its memory.
    this.#hooks.add(
      hooks.exit.add((task) => this.#endOf(task)),
      hooks.exec.add((task) => this.#endOf(task)),
    );
  }

  /** Unregisters every watch. All of them end before any register is free, so that none is told that it gets it. */
  stop(): void {
    const ended = [...this.#records.values()].map((record) => record.end());
    this.#records.clear();
    for (const { release } of ended) release();
    this.#hooks?.[Symbol.dispose]();
    this.#hooks = undefined;
  }

  /** Every watch that is registered, in the order of registration. */
  get watches(): readonly Watch[] {
    return [...this.#records.keys()];
  }

  /**
   * Watches on every CPU, whatever runs there: in one register, the highest that can be had. It is `installed`, or
   * waits for that. Throws what the breakpoint API refuses; ENODEV once stopped.
   */
  registerKernel(request: WatchRequest): Watch {
    return this.#register(request, undefined, (record, attr, options) => {
      const wide = this.#breakpoints.registerWide(attr, (hit) => record.hit(hit), options);
      return { all: () => [...wide.members.values()], release: () => this.#breakpoints.unregisterWide(wide), wide };
    });
  }

  /**
   * Watches while one task runs, in user space and what the kernel does there for it, until it exits or executes
   * another program. Throws what the breakpoint API refuses, EPERM for an address of the kernel; ENODEV once stopped.
   */
  registerUser(task: Task, request: WatchRequest): Watch {
    checkTask(task);
    return this.#register(request, task, (record, attr, options) => {
      const asked = { ...options, privileged: false };
      const breakpoint = this.#breakpoints.registerUser(attr, (hit) => record.hit(hit), task, asked);
      return { all: () => [breakpoint], release: () => this.#breakpoints.unregister(breakpoint), breakpoint };
    });
  }

  /** It is never called again. Nothing happens for `undefined` and for one that is unregistered. */
  unregister(watch: Watch | undefined): void {
    if (watch === undefined) return;
    if (!(watch instanceof Watch))
      throw new TypeError('watch is a watch, as registerKernel and registerUser return it');
    const record = this.#records.get(watch);
    if (record === undefined) return;
    this.#records.delete(watch);
    record.end().release();
  }

  #register(
    request: WatchRequest,
    task: Task | undefined,
    open: (
      record: WatchRecord,
      attr: HwBreakpointAttr,
      options: RegisterOptions,
    ) => Parameters<WatchRecord['begin']>[0],
  ): Watch {
    checkWatch(request);
    if (this.#hooks === undefined) {
      throw kwatchError('KWATCH_STOPPED', 'kwatch is stopped: its kernel was disposed, or stop() was called');
    }
    const record = new WatchRecord(request, this.#priorities.levelOf(OWNER, this.#priorityOf(request)), task);
    const { address, length, type, waits = true } = request;
    const look = (): void => record.look();
    const options = { owner: OWNER, priority: record.priority, waits, installed: look, uninstalled: look };
    record.begin(open(record, { bp_type: type, bp_addr: address, bp_len: length }, options));
    this.#records.set(record.view, record);
    return record.view;
  }

  #priorityOf({ priority, attitude = 'step-aside' }: WatchRequest): number {
    return priority ?? this.#priorities.levelOf(USER_DEBUGGERS) + ATTITUDES[attitude];
  }

  /** All of them end before any register is free, so that none is told that it gets another's. */
  #endOf(task: Task): void {
    const ended = [...this.#records.values()]
      .filter((record) => record.task === task)
      .map((record) => ({ record, ...record.end() }));
    for (const { record } of ended) this.#records.delete(record.view);
    for (const { release } of ended) release();
    for (const { record, wasInstalled } of ended) {
      if (!wasInstalled) continue;
      try {
        record.tell('uninstalled');
      } catch (error) {
        this.#logger.log('error', `a notice of a watch of task ${task} threw: ${String(error)}`);
      }
    }
  }
}
