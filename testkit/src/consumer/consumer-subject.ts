import {
  type Consumer,
  type ConsumerClass,
  composeKernel,
  Facet,
  injectionsOf,
  type Kernel,
  type KernelOptions,
  program,
  type Task,
  type Token,
} from '@hwbp/core';
import { plain } from '../lab/spot.js';
import type { ContractCase } from '../runner/contract-case.js';
import type { TestFunction } from '../runner/test-function.js';
import { Witness } from './resources.js';

/** Of the suites' task. */
const INSTRUCTIONS = 40;

/** What the consumer suite is run with. */
export interface ConsumerContractOptions<T extends Consumer = Consumer> {
  readonly test: TestFunction;
  readonly name: string;
  /** The class under test. */
  readonly consumer: ConsumerClass<T>;
  /**
   * Fresh options of a kernel in which it can live: architecture, symbols, other plugins. The suite adds the consumer,
   * and `strict`.
   */
  readonly compose: () => KernelOptions;
  /**
   * Makes a started consumer take whatever it takes: set watches, attach, open. Called in several kernels, and several
   * times in one. `task`: one that would run to its end, for a consumer that debugs tasks. `later`: names something
   * that can be done with an object that the consumer handed out, for when it is stopped: that must take nothing then,
   * and may throw a KernelError.
   */
  use?(consumer: T, kernel: Kernel, task: Task, later: (act: () => unknown) => void): void;
}

/** A kernel with the consumer under test, and a witness of what it takes. */
export interface ConsumerLab {
  readonly kernel: Kernel;
  readonly consumer: Consumer;
  readonly witness: Witness;
  /** Made by the suite; it would run to its end. */
  readonly task: Task;
  /** Makes it take something; what can be done later with what it handed out. */
  use(): readonly (() => unknown)[];
}

/** A consumer under test. */
export class ConsumerSubject {
  readonly options: ConsumerContractOptions;

  constructor(options: ConsumerContractOptions) {
    this.options = options;
  }

  /** Tokens that the consumer cannot do without. */
  get needs(): readonly Token<unknown>[] {
    const { plugin } = this.options.consumer;
    const injected = injectionsOf(this.options.consumer).filter((token) => plugin.wants?.includes(token) !== true);
    return [...(plugin.needs ?? []), ...injected];
  }

  /** Those of them that the architecture has to offer. */
  get facets(): readonly Facet<unknown>[] {
    return this.needs.filter((token) => token instanceof Facet);
  }

  /** Those of them that are there only if somebody has composed a plugin for it. */
  get parts(): readonly Token<unknown>[] {
    const { arch } = this.options.compose();
    using bare = composeKernel({ arch });
    return this.needs.filter((token) => !(token instanceof Facet) && bare.facet(token) === undefined);
  }

  /** Facets that are only wanted are made before the consumer too: what they take is not its own. */
  witness(): Witness {
    const wanted = this.options.consumer.plugin.wants ?? [];
    const offered = this.options.compose().arch.facets.map(({ facet }) => facet);
    return new Witness([...this.facets, ...offered.filter((facet) => wanted.includes(facet))]);
  }

  /** Options with the witness in front, the consumer, and others behind it. */
  kernelOptions(witness: Witness, behind: readonly ConsumerClass[] = []): KernelOptions {
    const { compose, consumer } = this.options;
    const options = compose();
    return {
      strict: true,
      ...options,
      plugins: [...(options.plugins ?? []), witness.consumer, consumer, ...behind],
    };
  }

  lab(): ConsumerLab {
    const witness = this.witness();
    const kernel = composeKernel(this.kernelOptions(witness));
    const consumer = kernel.get(this.options.consumer);
    const task = kernel.machine.spawn(program(Array.from({ length: INSTRUCTIONS }, (_, i) => plain(i))));
    const use = () => {
      const acts: (() => unknown)[] = [];
      this.options.use?.(consumer, kernel, task, (act) => acts.push(act));
      return acts;
    };
    return { kernel, consumer, witness, task, use };
  }
}

export type ConsumerCase = ContractCase<ConsumerSubject>;
