import { coreError, FUNCTION, requireKind, shown } from '../errors/index.js';
import { type Cpu, checkLine } from '../hardware/index.js';
import { type Gates, NOBODY_RUNS } from './execution-gate.js';
import type { Hotplug } from './hotplug.js';
import type { Logger } from './logger.js';
import type { TaskScheduler } from './task-scheduler.js';

/**
 * When something is suspended. `devices`: while every CPU is there, and no task executes. `core`: on the last CPU
 * alone, right before it loses its power (Linux: syscore_ops).
 */
export type PowerStage = 'devices' | 'core';

/**
 * What somebody does for a suspend. Suspended in the reverse order of registration, resumed in that order. A `suspend`
 * that throws calls the whole suspend off: those that were suspended are resumed. A `resume` must not fail.
 */
export interface PowerCallbacks {
  /** `cpu`: the one that is the last to go, and the first to come back. */
  suspend?(cpu: Cpu): void;
  resume?(cpu: Cpu): void;
}

/** What a suspend is made of. */
export interface PowerParts {
  readonly scheduler: TaskScheduler;
  readonly hotplug: Hotplug;
  readonly gates: Gates;
  readonly logger: Logger;
}

interface Entry extends PowerCallbacks {
  readonly name: string;
  readonly stage: PowerStage;
}

/** A suspend that is in force, or on its way: how far it has come. */
interface Suspended {
  /** Ends the gate that keeps everybody. */
  readonly thaw: () => void;
  readonly boot: Cpu;
  /** Secondary CPUs that went down, in that order. */
  readonly down: Cpu[];
  /** Callbacks that were suspended, in that order. */
  readonly done: Entry[];
  /** The last CPU has lost its power too. */
  off: boolean;
}

/** Suspend to memory, and resume: in Linux's order, with all that is undone when somebody refuses. */
export class Power {
  readonly #parts: PowerParts;
  #entries: readonly Entry[] = [];
  #state: Suspended | undefined;
  /** By line: how many want it to wake the machine. */
  readonly #wakers = new Map<number, number>();

  /** Use `machine.power`. */
  constructor(parts: PowerParts) {
    this.#parts = parts;
  }

  /** True between {@link suspend} and {@link resume}: no CPU has power, and nothing executes. */
  get suspended(): boolean {
    return this.#state?.off === true;
  }

  /** Takes part in every suspend. Returns the function that ends that. `name`: for messages. */
  register(stage: PowerStage, name: string, callbacks: PowerCallbacks): () => void {
    if (stage !== 'devices' && stage !== 'core') {
      throw new TypeError(`a stage of a suspend is 'devices' or 'core', got ${shown(stage)}`);
    }
    for (const way of ['suspend', 'resume'] as const) {
      if (callbacks[way] !== undefined) requireKind(way, callbacks[way], FUNCTION);
    }
    const entry: Entry = {
      stage,
      name,
      suspend: (cpu) => callbacks.suspend?.(cpu),
      resume: (cpu) => callbacks.resume?.(cpu),
    };
    this.#entries = [...this.#entries, entry];
    return () => {
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
  }

  /**
   * An interrupt line, of whichever CPU, wakes the machine from now on (Linux: enable_irq_wake): one that is raised
   * during {@link suspend} calls it off, and one that is raised later resumes at the next `machine.run`. All others
   * stay pending. Returns the function that ends it; counted. Throws a TypeError for a line that there is not.
   */
  wakesAt(line: number): () => void {
    checkLine(line);
    this.#wakers.set(line, (this.#wakers.get(line) ?? 0) + 1);
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      const wanted = (this.#wakers.get(line) ?? 1) - 1;
      if (wanted === 0) this.#wakers.delete(line);
      else this.#wakers.set(line, wanted);
    };
  }

  /** True from the beginning of a suspend to the end of its resume. */
  get underWay(): boolean {
    return this.#state !== undefined;
  }

  /** Lines that wake. */
  get wakers(): readonly number[] {
    return [...this.#wakers.keys()].sort((a, b) => a - b);
  }

  /** Resumes if the machine is suspended and something is to wake it: for whoever is about to run it. */
  wake(): void {
    if (this.suspended && !this.#parts.hotplug.ended && this.#waker !== undefined) this.resume();
  }

  /**
   * Suspends: tasks stand still, devices are suspended, the secondary CPUs go down through their states, then the last
   * one. No register keeps anything but in its software copy. Throws EBUSY if it is suspended, for a CPU that cannot
   * go now, and for an interrupt that wakes; what somebody throws who refuses, and then everything goes on.
   */
  suspend(): void {
    const { scheduler, hotplug, gates } = this.#parts;
    if (this.#state !== undefined) {
      throw coreError('POWER_SUSPENDED', 'the machine is suspended, or on its way; resume it first');
    }
    const cpus = scheduler.states.map(({ cpu }) => cpu).filter(({ online }) => online);
    for (const cpu of cpus) hotplug.requireFree(cpu);
    this.#requireQuiet();
    const [boot, ...others] = cpus as [Cpu, ...Cpu[]];
    const state: Suspended = { thaw: gates.add(NOBODY_RUNS), boot, down: [], done: [], off: false };
    this.#state = state;
    try {
      this.#suspendStage('devices', state);
      for (const cpu of others.reverse()) {
        hotplug.down(cpu, 'suspend');
        state.down.push(cpu);
        this.#requireQuiet();
      }
      scheduler.leave(boot);
      this.#suspendStage('core', state);
    } catch (error) {
      this.#back(state);
      throw error;
    }
    boot.powerOff();
    scheduler.of(boot).asleep = true;
    state.off = true;
  }

  /**
   * Comes back from a suspend, in reverse. A CPU that does not come up stays down, and is said to. Throws EINVAL if it
   * is not suspended, ENODEV once the CPUs are somebody else's.
   */
  resume(): void {
    this.#parts.hotplug.requireOwner();
    const state = this.#state;
    if (state?.off !== true) throw coreError('POWER_AWAKE', 'the machine is not suspended');
    state.boot.powerOn();
    this.#parts.scheduler.of(state.boot).asleep = false;
    state.off = false;
    this.#back(state);
  }

  #suspendStage(stage: PowerStage, state: Suspended): void {
    for (const entry of this.#entries.filter((one) => one.stage === stage).reverse()) {
      entry.suspend?.(state.boot);
      state.done.push(entry);
      this.#requireQuiet();
    }
  }

  /** Where a line is raised that wakes. */
  get #waker(): { readonly cpu: number; readonly line: number } | undefined {
    for (const line of this.#wakers.keys()) {
      const raised = this.#parts.scheduler.states.find(({ cpu }) => cpu.interrupts.isRaised(line));
      if (raised !== undefined) return { cpu: raised.cpu.index, line };
    }
    return undefined;
  }

  /** Throws EBUSY for an interrupt that wakes (Linux: pm_wakeup_pending, asked behind every step). */
  #requireQuiet(): void {
    const waker = this.#waker;
    if (waker === undefined) return;
    const message = `line ${waker.line} of CPU ${waker.cpu} is raised, and wakes: no suspend before it was handled`;
    throw coreError('POWER_WAKEUP', message, waker);
  }

  /** Undoes what was done. */
  #back(state: Suspended): void {
    const { hotplug, logger } = this.#parts;
    this.#resumeStage('core', state);
    for (const cpu of state.down.reverse()) {
      try {
        hotplug.up(cpu, 'suspend');
      } catch (error) {
        logger.log('error', `CPU ${cpu.index} did not come back from the suspend: ${String(error)}`);
      }
    }
    this.#resumeStage('devices', state);
    this.#state = undefined;
    state.thaw();
  }

  #resumeStage(stage: PowerStage, { boot, done }: Suspended): void {
    for (const { name, resume } of done.filter((one) => one.stage === stage).reverse()) {
      try {
        resume?.(boot);
      } catch (error) {
        this.#parts.logger.log('error', `${name} did not resume: ${String(error)}`);
      }
    }
  }
}
