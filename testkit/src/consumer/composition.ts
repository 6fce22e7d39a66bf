import {
  BREAKPOINTS,
  type Breakpoints,
  CompositionError,
  type Consumer,
  type ConsumerManifest,
  composeKernel,
  type HwBreakpointAttr,
  inject,
  injectable,
  type KernelOptions,
  MACHINE,
  type Machine,
  slotsOf,
} from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { classesOf } from '../lab/conditions.js';
import { spotOf } from '../lab/spot.js';
import { compositionErrorOf } from './composition-error-of.js';
import type { ConsumerCase, ConsumerSubject } from './consumer-subject.js';
import { afterFailedStart } from './failed-start.js';
import { Witness } from './resources.js';

function consumerNamed(name: string) {
  @injectable()
  class Named implements Consumer {
    static readonly consumer: ConsumerManifest = { name };

    start(): void {}

    stop(): void {}
  }
  return Named;
}

/** Composes with something about the options changed; the refusal. */
function refusal(subject: ConsumerSubject, change: (options: KernelOptions) => KernelOptions): CompositionError {
  return compositionErrorOf(() => composeKernel(change(subject.kernelOptions(new Witness()))));
}

/** Takes every register of every CPU, so that the next one finds none. */
function hog() {
  @injectable()
  class Hog implements Consumer {
    static readonly consumer: ConsumerManifest = { name: 'testkit hog' };
    readonly #breakpoints: Breakpoints;
    readonly #machine: Machine;

    constructor(@inject(BREAKPOINTS) breakpoints: Breakpoints, @inject(MACHINE) machine: Machine) {
      this.#breakpoints = breakpoints;
      this.#machine = machine;
    }

    start(): void {
      const { manifest } = this.#breakpoints;
      const classes = manifest.slots.shared ? classesOf(manifest).slice(0, 1) : classesOf(manifest);
      for (const slotClass of classes) {
        for (let i = 0; i < slotsOf(manifest, slotClass); i++) this.#watch(spotOf(manifest, i, slotClass).attr);
      }
    }

    stop(): void {
      for (const breakpoint of [...this.#breakpoints.registered]) {
        if (breakpoint.owner === 'hog') this.#breakpoints.unregister(breakpoint);
      }
    }

    #watch(attr: HwBreakpointAttr): void {
      for (const { index } of this.#machine.onlineCpus) {
        this.#breakpoints.registerCpu(attr, () => {}, index, { owner: 'hog' });
      }
    }
  }
  return Hog;
}

/** What a consumer says that it needs, and what happens without it. */
export const compositionCases: readonly ConsumerCase[] = [
  {
    id: 'consumer/a-missing-facet-is-named',
    applies: ({ options }) => (options.consumer.consumer.facets?.length ?? 0) > 0,
    run: (subject) => {
      const { name, facets = [] } = subject.options.consumer.consumer;
      for (const facet of facets) {
        const error = refusal(subject, (options) => {
          const offered = options.arch.facets.filter((one) => one.facet !== facet);
          return { ...options, arch: { ...options.arch, facets: offered } };
        });
        equal(error.code, 'COMPOSE_MISSING_FACET', 'code of the refusal');
        for (const word of [name, facet.name, facet.implement]) {
          ok(error.message.includes(word), `the message names '${word}': ${error.message}`);
        }
      }
    },
  },

  {
    id: 'consumer/needs-no-facet-that-it-does-not-name',
    run: (subject) => {
      const { facets = [] } = subject.options.consumer.consumer;
      const options = subject.kernelOptions(new Witness());
      const offered = options.arch.facets.filter((one) => facets.includes(one.facet));
      composeKernel({ ...options, arch: { ...options.arch, facets: offered } }).dispose();
    },
  },

  {
    id: 'consumer/a-missing-service-is-named',
    applies: ({ options }) => (options.consumer.consumer.services?.length ?? 0) > 0,
    run: (subject) => {
      const { name, services = [] } = subject.options.consumer.consumer;
      for (const service of services) {
        const error = refusal(subject, ({ scheduler, ...options }) => {
          const providers = (options.providers ?? []).filter(({ token }) => token !== service);
          // Without what provides it: one of the providers, or the scheduler.
          if (scheduler === undefined || scheduler.services.includes(service)) return { ...options, providers };
          return { ...options, scheduler, providers };
        });
        equal(error.code, 'COMPOSE_MISSING_SERVICE', 'code of the refusal');
        for (const word of [name, service.description ?? 'unnamed']) {
          ok(error.message.includes(word), `the message names '${word}': ${error.message}`);
        }
      }
    },
  },

  {
    id: 'consumer/its-name-is-taken',
    run: (subject) => {
      const { name } = subject.options.consumer.consumer;
      ok(name.length > 0, 'the consumer has a name');
      const error = refusal(subject, (options) => ({
        ...options,
        consumers: [...(options.consumers ?? []), consumerNamed(name)],
      }));
      equal(error.code, 'COMPOSE_DUPLICATE_CONSUMER', 'code of the refusal');
      ok(error.message.includes(name), `the message names '${name}': ${error.message}`);
    },
  },

  {
    id: 'consumer/a-conflict-is-named',
    applies: ({ options }) => (options.consumer.consumer.conflicts?.length ?? 0) > 0,
    run: (subject) => {
      const { name, conflicts = [] } = subject.options.consumer.consumer;
      for (const enemy of conflicts) {
        const error = refusal(subject, (options) => ({
          ...options,
          consumers: [...(options.consumers ?? []), consumerNamed(enemy)],
        }));
        equal(error.code, 'COMPOSE_CONFLICT', 'code of the refusal');
        for (const word of [name, enemy]) ok(error.message.includes(word), `the message names '${word}'`);
      }
    },
  },

  {
    id: 'consumer/a-full-machine-leaves-nothing',
    run: (subject) => {
      const witness = subject.witness();
      const options = subject.kernelOptions(witness);
      const [first, ...rest] = options.consumers ?? [];
      if (first === undefined) return;
      const consumers = [witness.consumer, hog(), ...[first, ...rest].filter((one) => one !== witness.consumer)];
      try {
        composeKernel({ ...options, consumers }).dispose();
      } catch (error) {
        ok(error instanceof CompositionError, `composing on a full machine: a CompositionError, got ${String(error)}`);
        equal(witness.now, afterFailedStart(subject), 'what is taken after it did not start');
      }
    },
  },
];
