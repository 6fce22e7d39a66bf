import { coreError, shown } from '../errors/index.js';
import type { Cpu } from '../hardware/index.js';
import {
  HOTPLUG_STATES,
  type HotplugCallbacks,
  type HotplugEntry,
  type HotplugReason,
  type HotplugState,
  mayFail,
} from './hotplug-states.js';
import type { Logger } from './logger.js';
import type { MachineHooks } from './machine-hooks.js';
import type { TaskScheduler } from './task-scheduler.js';

/** What CPUs that come and go concern. */
export interface HotplugParts {
  readonly scheduler: TaskScheduler;
  readonly hooks: MachineHooks;
  readonly logger: Logger;
  /** Told of a CPU that has gone, and whose work is another one's. */
  readonly left: (cpu: Cpu) => void;
}

interface Step extends HotplugEntry, HotplugCallbacks {}

/** The states of CPUs that come and go: who does what in each, and the ways up and down through them. */
export class Hotplug {
  readonly #parts: HotplugParts;
  readonly #steps = new Map<HotplugState, readonly Step[]>(HOTPLUG_STATES.map((state) => [state, []]));
  #busy = false;
  #leaving: Cpu | undefined;
  #ended = false;

  /** Use `machine.hotplug`. */
  constructor(parts: HotplugParts) {
    this.#parts = parts;
  }

  /**
   * From now on these callbacks are part of a state; those of CPUs that are there are not called. `name`: whose they
   * are. Returns the function that takes them away, which calls nothing either.
   */
  register(state: HotplugState, name: string, callbacks: HotplugCallbacks): () => void {
    const there = this.#steps.get(state);
    if (there === undefined) {
      throw new TypeError(`a hotplug state is one of ${HOTPLUG_STATES.join(', ')}; got ${shown(state)}`);
    }
    if (typeof name !== 'string' || name === '') throw new TypeError(`callbacks have a name, got ${shown(name)}`);
    const step: Step = {
      state,
      name,
      startup: (cpu, why) => callbacks.startup?.(cpu, why),
      teardown: (cpu, why) => callbacks.teardown?.(cpu, why),
    };
    this.#steps.set(state, [...there, step]);
    return () => {
      const steps = this.#steps.get(state) ?? [];
      this.#steps.set(
        state,
        steps.filter((other) => other !== step),
      );
    };
  }

  /** Who registered, in the order in which a CPU that comes up gets to them. */
  get entries(): readonly HotplugEntry[] {
    return [...this.#steps.values()].flat().map(({ state, name }) => ({ state, name }));
  }

  /** The CPUs are somebody else's from now on. */
  end(): void {
    this.#ended = true;
  }

  /** True once the CPUs are somebody else's. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Throws ENODEV once the CPUs are somebody else's. */
  requireOwner(): void {
    if (this.#ended)
      throw coreError('HWBP_DISPOSED', 'this kernel has ended, and its hardware is not its own any more');
  }

  /** Throws EBUSY for a CPU that cannot go now. */
  requireFree(cpu: Cpu): void {
    this.requireOwner();
    const { suspended, switching, handlers } = this.#parts.scheduler.of(cpu);
    const inside = cpu.busy ? 'executing a program, which is what asks' : 'stopped inside an exception';
    let where: string | undefined;
    if (switching) where = 'in the middle of a context switch';
    else if (suspended !== undefined || cpu.busy) where = inside;
    else if (handlers.top !== undefined) where = `in the interrupt handler ${handlers.top.name}`;
    else if (cpu.shadowed) where = 'in the debug shadow of an instruction, whose hits would be lost';
    if (where === undefined) return;
    const message = `CPU ${cpu.index} is ${where}; run the machine first`;
    throw coreError('CPU_SUSPENDED', message, { cpu: cpu.index });
  }

  /** True while a CPU is on its way down: what could be put there is for its return. */
  isLeaving(cpu: Cpu): boolean {
    return this.#leaving === cpu;
  }

  /** See `machine.setOnline`. */
  set(cpu: Cpu, online: boolean): void {
    this.requireOwner();
    if (cpu.online === online) return;
    if (online) {
      this.up(cpu);
      return;
    }
    this.requireFree(cpu);
    if (this.#parts.scheduler.states.filter((state) => state.cpu.online).length === 1) {
      const message = `CPU ${cpu.index} is the last one online; bring another one up first`;
      throw coreError('CPU_LAST_ONLINE', message, { cpu: cpu.index });
    }
    this.down(cpu);
  }

  /** Brings a CPU up through all states. If one refuses it is as it was, and that error is thrown. */
  up(cpu: Cpu, why: HotplugReason = 'hotplug'): void {
    this.#walk(cpu, this.#way(why), 'startup', why);
  }

  /** Takes a CPU down, likewise. */
  down(cpu: Cpu, why: HotplugReason = 'hotplug'): void {
    this.requireFree(cpu);
    this.#walk(cpu, this.#way(why).reverse(), 'teardown', why);
  }

  /** Every step of the way up, with what this kernel does itself between the states. */
  #way(why: HotplugReason): Step[] {
    const of = (state: HotplugState): readonly Step[] => this.#steps.get(state) ?? [];
    const starting = HOTPLUG_STATES.filter((state) => state.endsWith('starting')).flatMap(of);
    const { hooks } = this.#parts;
    const told: Step = {
      state: 'starting',
      name: 'hooks',
      startup: (cpu) => hooks.online.call(cpu),
      teardown: (cpu) => hooks.offline.call(cpu),
    };
    const tasks: Step = { state: 'starting', name: 'tasks', teardown: (cpu) => this.#parts.scheduler.leave(cpu) };
    return [...of('prepare'), this.#power(why), ...starting, told, tasks, ...of('online')];
  }

  #power(why: HotplugReason): Step {
    return {
      state: 'starting',
      name: 'power',
      startup: (cpu) => {
        cpu.powerOn();
        this.#parts.scheduler.of(cpu).asleep = false;
      },
      teardown: (cpu, now) => {
        cpu.powerOff();
        if (now === 'suspend') this.#parts.scheduler.of(cpu).asleep = true;
        // A CPU that comes up in vain had nothing before, but from a suspend that it slept through.
        else if (now === 'hotplug' || why === 'suspend') this.#abandon(cpu);
        else this.#parts.scheduler.evacuate(cpu);
      },
    };
  }

  /** Whatever waits on a CPU that has gone, waits on another one. */
  #abandon(cpu: Cpu): void {
    const { scheduler } = this.#parts;
    const heir = scheduler.states.find((state) => state.cpu.online)?.cpu;
    scheduler.evacuate(cpu);
    this.#parts.left(cpu);
    if (heir === undefined) return;
    cpu.interrupts.moveTo(heir.interrupts);
    cpu.alarms.moveTo(heir.alarms, heir.clock.now - cpu.clock.now);
  }

  #walk(cpu: Cpu, steps: readonly Step[], way: keyof HotplugCallbacks, why: HotplugReason): void {
    if (this.#busy) {
      throw coreError('CPU_HOTPLUG_BUSY', 'a CPU is on its way up or down; wait until it is there', {
        cpu: cpu.index,
      });
    }
    this.#busy = true;
    if (way === 'teardown') this.#leaving = cpu;
    try {
      this.#call(cpu, steps, way, why);
    } finally {
      this.#leaving = undefined;
      this.#busy = false;
    }
  }

  #call(cpu: Cpu, steps: readonly Step[], way: keyof HotplugCallbacks, why: HotplugReason): void {
    const back = way === 'startup' ? 'teardown' : 'startup';
    const done: Step[] = [];
    for (const step of steps) {
      try {
        step[way]?.(cpu, why);
      } catch (error) {
        if (!mayFail(step.state, way)) {
          this.#log(cpu, step, way, error);
        } else {
          this.#leaving = undefined;
          for (const other of done.reverse()) this.#undo(cpu, other, back);
          const stays = way === 'startup' ? 'down' : 'up';
          this.#parts.logger.log('warn', `CPU ${cpu.index} stays ${stays}: ${step.name}: ${String(error)}`);
          throw error;
        }
      }
      done.push(step);
    }
  }

  #undo(cpu: Cpu, step: Step, way: keyof HotplugCallbacks): void {
    try {
      step[way]?.(cpu, 'undo');
    } catch (error) {
      this.#log(cpu, step, way, error);
    }
  }

  #log(cpu: Cpu, { state, name }: Step, way: keyof HotplugCallbacks, error: unknown): void {
    this.#parts.logger.log('error', `CPU ${cpu.index}: the ${way} of ${name} (${state}) threw: ${String(error)}`);
  }
}
