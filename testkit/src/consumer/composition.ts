import {
  type Architecture,
  architecture,
  BREAKPOINTS,
  type Breakpoints,
  CompositionError,
  type Consumer,
  type ConsumerClass,
  composeKernel,
  type Facet,
  type HwBreakpointAttr,
  inject,
  injectable,
  type KernelOptions,
  MACHINE,
  type Machine,
  type Plugin,
  type PluginManifest,
  slotsOf,
  type Token,
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
    static readonly plugin: PluginManifest = { name };

    start(): void {}

    stop(): void {}
  }
  return Named;
}

/** An architecture that does not offer some of its facets. */
function without(
  { backend, facets, quirks }: Architecture,
  isLeftOut: (facet: Facet<unknown>) => boolean,
): Architecture {
  return architecture(backend, { facets: facets.filter(({ facet }) => !isLeftOut(facet)), quirks });
}

/** Tokens that a plugin provides. */
function providedBy(plugin: Plugin | ConsumerClass): readonly Token<unknown>[] {
  return typeof plugin === 'function' ? [] : (plugin.provides ?? []).map(({ token }) => token);
}

/** Composes with something about the options changed; the refusal. */
function refusal(subject: ConsumerSubject, change: (options: KernelOptions) => KernelOptions): CompositionError {
  return compositionErrorOf(() => composeKernel(change(subject.kernelOptions(new Witness()))));
}

/** Takes every register of every CPU, so that the next one finds none. */
function hog() {
  @injectable()
  class Hog implements Consumer {
    static readonly plugin: PluginManifest = { name: 'testkit hog' };
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
    applies: (subject) => subject.facets.length > 0,
    run: (subject) => {
      const { name } = subject.options.consumer.plugin;
      for (const facet of subject.facets) {
        const error = refusal(subject, (options) => {
          return { ...options, arch: without(options.arch, (one) => one === facet) };
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
      const { facets } = subject;
      const options = subject.kernelOptions(new Witness());
      const arch = without(options.arch, (one) => !facets.includes(one));
      composeKernel({ ...options, arch }).dispose();
    },
  },

  {
    id: 'consumer/a-missing-part-is-named',
    applies: (subject) => subject.parts.length > 0,
    run: (subject) => {
      const { name } = subject.options.consumer.plugin;
      for (const part of subject.parts) {
        const error = refusal(subject, ({ breakpointScheduler, slotPolicy, plugins = [], ...options }) => {
          const others = [breakpointScheduler, slotPolicy, ...plugins].filter((one) => one !== undefined);
          return { ...options, plugins: others.filter((one) => !providedBy(one).includes(part)) };
        });
        equal(error.code, 'COMPOSE_MISSING_PART', 'code of the refusal');
        for (const word of [name, part.name]) {
          ok(error.message.includes(word), `the message names '${word}': ${error.message}`);
        }
      }
    },
  },

  {
    id: 'consumer/its-name-is-taken',
    run: (subject) => {
      const { name } = subject.options.consumer.plugin;
      ok(name.length > 0, 'the consumer has a name');
      const error = refusal(subject, (options) => ({
        ...options,
        plugins: [...(options.plugins ?? []), consumerNamed(name)],
      }));
      equal(error.code, 'COMPOSE_DUPLICATE_PLUGIN', 'code of the refusal');
      ok(error.message.includes(name), `the message names '${name}': ${error.message}`);
    },
  },

  {
    id: 'consumer/a-conflict-is-named',
    applies: ({ options }) => (options.consumer.plugin.conflicts?.length ?? 0) > 0,
    run: (subject) => {
      const { name, conflicts = [] } = subject.options.consumer.plugin;
      for (const enemy of conflicts) {
        const error = refusal(subject, (options) => ({
          ...options,
          plugins: [...(options.plugins ?? []), consumerNamed(enemy)],
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
      const others = (options.plugins ?? []).filter((one) => one !== witness.consumer);
      try {
        composeKernel({ ...options, plugins: [witness.consumer, hog(), ...others] }).dispose();
      } catch (error) {
        ok(error instanceof CompositionError, `composing on a full machine: a CompositionError, got ${String(error)}`);
        equal(witness.now, afterFailedStart(subject), 'what is taken after it did not start');
      }
    },
  },
];
