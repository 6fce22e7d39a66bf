import {
  BREAKPOINTS,
  type Breakpoints,
  type Consumer,
  type ConsumerClass,
  type Facet,
  inject,
  injectable,
  MACHINE,
  type Machine,
  type PluginManifest,
} from '@hwbp/core';
import { present } from '../assert/index.js';

/**
 * Everything of a kernel that a consumer can take and has to give back, counted. Tasks are not: `use` may make some.
 */
export type Resources = Readonly<Record<string, number>>;

/** The parts of a kernel that consumers take things from. */
interface Parts {
  readonly machine: Machine;
  readonly breakpoints: Breakpoints;
}

/** Registrations that say nothing of themselves: counted as they are made and taken back. */
class Counted {
  readonly #taken = new Map<string, number>();

  constructor({ machine, breakpoints }: Parts) {
    this.#follow('hotplug states', machine.hotplug, 'register');
    this.#follow('power', machine.power, 'register');
    this.#follow('wake-up lines', machine.power, 'wakesAt');
    this.#follow('image parts', machine.hibernation.parts, 'register');
    this.#follow('listeners to debuggers', breakpoints.debugger, 'listen');
  }

  get taken(): ReadonlyMap<string, number> {
    return this.#taken;
  }

  #follow<Method extends string>(
    what: string,
    of: { [M in Method]: (...given: never[]) => () => void },
    method: Method,
  ): void {
    const original = of[method].bind(of) as (...given: readonly unknown[]) => () => void;
    const add = (n: number): void => void this.#taken.set(what, (this.#taken.get(what) ?? 0) + n);
    add(0);
    const counting = (...given: readonly unknown[]) => {
      let undo: (() => void) | undefined = original(...given);
      add(1);
      return (): void => {
        if (undo !== undefined) add(-1);
        undo?.();
        undo = undefined;
      };
    };
    Object.defineProperty(of, method, { value: counting, configurable: true });
  }
}

function count({ machine, breakpoints }: Parts, registrations: ReadonlyMap<string, number>): Resources {
  const tasks = [...machine.tasks.values()];
  const occupants = machine.cpus.flatMap(({ index }) => breakpoints.occupants(index));
  const hooks = Object.entries(machine.hooks).map(([name, { size }]) => [`hooks.${name}`, size] as const);
  return {
    ...Object.fromEntries(hooks),
    dieChain: machine.dieChain.size,
    'software breakpoints': machine.planted.size,
    gates: machine.gates,
    'debugger inside': breakpoints.debugger.inside === undefined ? 0 : 1,
    breakpoints: breakpoints.registered.length,
    'slots used': breakpoints.isUsed ? 1 : 0,
    'registers occupied': occupants.filter((occupant) => occupant !== undefined).length,
    'registers claimed': breakpoints.debugger.claims.length,
    'CPUs muted': machine.cpus.filter(({ index }) => breakpoints.isMuted(index)).length,
    'tasks traced': tasks.filter(({ tracer }) => tracer !== undefined).length,
    'tasks that are stepped': tasks.filter((task) => task.forcedStep || task.resumePoint.singleStep).length,
    ...Object.fromEntries(registrations),
  };
}

/** Sees a kernel as it is before the consumer under test is started, and later. */
export class Witness {
  /** To be composed in front of the consumer under test. */
  readonly consumer: ConsumerClass;
  #parts: Parts | undefined;
  #counted: Counted | undefined;
  #before: Resources | undefined;

  /** `facets`: what the consumer under test uses. They are made first: what they take is the architecture's. */
  constructor(facets: readonly Facet<unknown>[] = []) {
    const start = (parts: Parts): void => {
      this.#parts = parts;
      this.#counted ??= new Counted(parts);
      this.#before ??= this.now;
    };
    class WitnessConsumer implements Consumer {
      static readonly plugin: PluginManifest = { name: 'testkit witness' };
      readonly #parts: Parts;

      constructor(@inject(MACHINE) machine: Machine, @inject(BREAKPOINTS) breakpoints: Breakpoints) {
        this.#parts = { machine, breakpoints };
      }

      start(): void {
        start(this.#parts);
      }

      stop(): void {}
    }
    for (const [i, facet] of facets.entries()) inject(facet)(WitnessConsumer, undefined, WitnessConsumer.length + i);
    injectable()(WitnessConsumer);
    this.consumer = WitnessConsumer;
  }

  /** What was taken before the consumer was started. */
  get before(): Resources {
    return present(this.#before, 'the state before the consumer was started');
  }

  /** What is taken now. */
  get now(): Resources {
    const counted = present(this.#counted, 'a kernel that has been composed');
    return count(present(this.#parts, 'a kernel that has been composed'), counted.taken);
  }
}
