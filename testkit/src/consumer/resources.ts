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

function count({ machine, breakpoints }: Parts): Resources {
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
    'tasks traced': tasks.filter(({ tracer }) => tracer !== undefined).length,
  };
}

/** Sees a kernel as it is before the consumer under test is started, and later. */
export class Witness {
  /** To be composed in front of the consumer under test. */
  readonly consumer: ConsumerClass;
  #parts: Parts | undefined;
  #before: Resources | undefined;

  /** `facets`: what the consumer under test uses. They are made first: what they take is the architecture's. */
  constructor(facets: readonly Facet<unknown>[] = []) {
    const start = (parts: Parts): void => {
      this.#parts = parts;
      this.#before ??= count(parts);
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
    return count(present(this.#parts, 'a kernel that has been composed'));
  }
}
