import { type Consumer, type ConsumerClass, composeKernel, type Kernel, type KernelOptions } from '@hwbp/core';
import type { ContractCase } from '../runner/contract-case.js';
import type { TestFunction } from '../runner/test-function.js';
import { Witness } from './resources.js';

/** What the consumer suite is run with. */
export interface ConsumerContractOptions<T extends Consumer = Consumer> {
  readonly test: TestFunction;
  readonly name: string;
  /** The class under test. */
  readonly consumer: ConsumerClass<T>;
  /** Fresh options of a kernel in which it can live: architecture, symbols, providers. The suite adds the consumer, and `strict`. */
  readonly compose: () => KernelOptions;
  /** Makes a started consumer take whatever it takes: set watches, attach, open. Called in several kernels. */
  use?(consumer: T, kernel: Kernel): void;
}

/** A kernel with the consumer under test, and a witness of what it takes. */
export interface ConsumerLab {
  readonly kernel: Kernel;
  readonly consumer: Consumer;
  readonly witness: Witness;
  /** Makes it take something. */
  use(): void;
}

/** A consumer under test. */
export class ConsumerSubject {
  readonly options: ConsumerContractOptions;

  constructor(options: ConsumerContractOptions) {
    this.options = options;
  }

  witness(): Witness {
    return new Witness(this.options.consumer.consumer.facets);
  }

  /** Options with the witness in front, the consumer, and others behind it. */
  kernelOptions(witness: Witness, behind: readonly ConsumerClass[] = []): KernelOptions {
    const { compose, consumer } = this.options;
    const options = compose();
    return {
      strict: true,
      ...options,
      consumers: [...(options.consumers ?? []), witness.consumer, consumer, ...behind],
    };
  }

  lab(): ConsumerLab {
    const witness = this.witness();
    const kernel = composeKernel(this.kernelOptions(witness));
    const consumer = kernel.get(this.options.consumer);
    return { kernel, consumer, witness, use: () => this.options.use?.(consumer, kernel) };
  }
}

export type ConsumerCase = ContractCase<ConsumerSubject>;
