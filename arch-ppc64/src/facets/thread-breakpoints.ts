import {
  type ArchPort,
  type Breakpoint,
  bits,
  Disposables,
  type FacetServices,
  type HitHandler,
  type HwBreakpointAttr,
  type ImagePart,
  type ImageReader,
  type ImageValue,
  type Task,
  type TaskState,
  USER_DEBUGGERS,
} from '@hwbp/core';
import { Ppc64Port } from '../driver/ppc64-port.js';
import { READBACK_IS_STALE, READBACK_SURVIVES } from '../quirks.js';

/** What a debugger has of one task. */
interface ThreadSlots {
  readonly slots: (Breakpoint | undefined)[];
  /** What GET_DEBUGREG reads. */
  readback: bigint;
}

const ofPort = new WeakMap<ArchPort, ThreadBreakpoints>();

/**
 * The breakpoints that debuggers in user space have set in tasks (Linux: `thread.ptrace_bps`): what SET_DEBUGREG and
 * SETHWDEBUG both work on. One shot: a hit disables the breakpoint, which keeps its place.
 */
export class ThreadBreakpoints implements ImagePart, Disposable {
  readonly #services: FacetServices;
  readonly #port: Ppc64Port;
  readonly #state: TaskState<ThreadSlots>;
  readonly #hooks = new Disposables();

  private constructor(services: FacetServices, port: Ppc64Port) {
    const { host, breakpoints } = services;
    this.#services = services;
    this.#port = port;
    const count = breakpoints.manifest.slots.data;
    this.#state = host.defineTaskState(() => ({ slots: new Array(count).fill(undefined), readback: 0n }), 'elsewhere');
    const { hooks } = host.machine;
    this.#hooks.add(
      hooks.fork.add((parent, child) => this.#fork(parent, child)),
      hooks.exec.add((task) => this.#clear(task, !services.quirks.isOn(READBACK_SURVIVES))),
      hooks.exit.add((task) => this.#clear(task, true)),
      host.machine.hibernation.parts.register('debug registers of ppc64 tasks', this),
    );
  }

  /** Those of a kernel: one object, whichever facet asks. */
  static of(services: FacetServices): ThreadBreakpoints {
    const { port } = services;
    if (!(port instanceof Ppc64Port)) throw new TypeError('the facets of ppc64 need the port of a ppc64 backend');
    const found = ofPort.get(port) ?? new ThreadBreakpoints(services, port);
    ofPort.set(port, found);
    return found;
  }

  [Symbol.dispose](): void {
    this.#hooks[Symbol.dispose]();
  }

  /** The breakpoint in a slot. */
  at(task: Task, slot: number): Breakpoint | undefined {
    return this.#state.peek(task)?.slots[slot];
  }

  /** The lowest free slot; -1 if none is. */
  free(task: Task): number {
    return this.#state.get(task).slots.indexOf(undefined);
  }

  /** Registers a breakpoint for a free slot. */
  create(task: Task, slot: number, attr: HwBreakpointAttr): void {
    const { breakpoints } = this.#services;
    const options = { owner: USER_DEBUGGERS, delivery: 'silicon' } as const;
    this.#state.get(task).slots[slot] = breakpoints.registerUser(attr, this.#handler(task), task, options);
  }

  #handler(task: Task): HitHandler {
    return ({ breakpoint }) => {
      this.#services.breakpoints.disable(breakpoint);
      this.#port.userHit(task);
    };
  }

  save(): ImageValue {
    const { host, breakpoints } = this.#services;
    return this.#state.saveEach(host.machine.tasks, ({ readback, slots }) => ({
      readback: bits(readback),
      slots: breakpoints.images.numbersOf(slots),
    }));
  }

  restore(from: ImageReader): void {
    const { host, breakpoints } = this.#services;
    this.#state.restoreEach(from, host.machine.tasks, (state, one, task) => {
      state.readback = one.field('readback').bits();
      breakpoints.images.takeRow(one.field('slots'), state.slots, () => this.#handler(task));
    });
  }

  /** Changes the breakpoint in a slot and arms it again. */
  modify(breakpoint: Breakpoint, attr: Pick<HwBreakpointAttr, 'bp_addr' | 'bp_len' | 'bp_type'>): void {
    this.#services.breakpoints.modify(breakpoint, { ...attr, disabled: false });
  }

  /** Empties a slot. What GET_DEBUGREG reads speaks of slot 0. */
  remove(task: Task, slot: number): void {
    const state = this.#state.peek(task);
    if (state === undefined) return;
    this.#services.breakpoints.unregister(state.slots[slot]);
    state.slots[slot] = undefined;
    if (slot === 0 && !this.#services.quirks.isOn(READBACK_IS_STALE)) state.readback = 0n;
  }

  readback(task: Task): bigint {
    return this.#state.peek(task)?.readback ?? 0n;
  }

  setReadback(task: Task, value: bigint): void {
    this.#state.get(task).readback = value;
  }

  /** Empties every slot. */
  clear(task: Task): void {
    this.#clear(task, true);
  }

  #fork(parent: Task, child: Task): void {
    const state = this.#state.peek(parent);
    if (state !== undefined && this.#services.quirks.isOn(READBACK_SURVIVES)) {
      this.#state.get(child).readback = state.readback;
    }
  }

  #clear(task: Task, readback: boolean): void {
    const state = this.#state.peek(task);
    if (state === undefined) return;
    for (const breakpoint of state.slots) this.#services.breakpoints.unregister(breakpoint);
    state.slots.fill(undefined);
    if (readback) state.readback = 0n;
  }
}
