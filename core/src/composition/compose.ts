import { Facet } from '../facets/index.js';
import type { Hardware } from '../hardware/index.js';
import { checkFit, checkOptions } from './check-options.js';
import { type CheckedPlugins, checkPlugins } from './check-plugins.js';
import { CompositionError } from './composition-error.js';
import { KernelContainer } from './container.js';
import { describe } from './describe.js';
import { injectionsOf } from './injection.js';
import { Kernel } from './kernel.js';
import type { KernelOptions } from './kernel-options.js';
import type { Consumer, ConsumerClass, Plugin } from './plugin.js';
import { provideValue } from './provision.js';
import { composeQuirks } from './quirks.js';
import { resolveSettings } from './resolve-settings.js';
import { succeed } from './succession.js';
import { BACKEND, BREAKPOINTS, DELIVERY, HARDWARE, LOGGER, QUIRKS, ROUTINES, SERVICES, SETTINGS } from './tokens.js';

/** The kernel's container: core's parts, with what the composition provides beside them or in their place. */
function createContainer(options: KernelOptions, { plugins, provided }: CheckedPlugins): KernelContainer {
  const container = new KernelContainer();
  container.provide(provideValue(SETTINGS, resolveSettings(options, plugins)));
  container.provide(provideValue(SERVICES, container.services));
  if (!provided.has(QUIRKS)) container.provide(provideValue(QUIRKS, composeQuirks(options, plugins)));
  for (const { provision, by } of provided.values()) container.provide(provision, by);
  return container;
}

/** Takes hardware from whoever has it; returns the function that gives it back as it was. */
function takeOver({ cpus }: Hardware): () => void {
  const before = cpus.map((cpu) => {
    const { online, traps, context } = cpu;
    const takeBack = [traps.giveUp?.(cpu), cpu.alarms.clear()];
    return { cpu, online, traps, context, translation: cpu.mmu.translation, takeBack };
  });
  return () => {
    for (const { cpu, online, traps, context, translation, takeBack } of before) {
      if (online && !cpu.online) cpu.powerOn();
      cpu.traps = traps;
      cpu.load(context);
      cpu.mmu.load(translation);
      for (const back of takeBack) back?.();
    }
  };
}

/** Takes back what was started. An error there must not hide the reason. */
function abandon(started: ReadonlyMap<ConsumerClass, Consumer>, container: KernelContainer): void {
  for (const [{ plugin }, consumer] of [...started].reverse()) {
    try {
      consumer.stop();
    } catch (error) {
      container.get(LOGGER).log('error', `the consumer '${plugin.name}' did not stop: ${String(error)}`);
    }
  }
}

/** What a constructor injects: made before it is, so that an error of theirs is thrown as it is. */
function prepare({ wants = [] }: Plugin, consumer: ConsumerClass, container: KernelContainer): void {
  for (const token of injectionsOf(consumer)) {
    if (container.has(token)) container.get(token);
    else if (wants.includes(token)) container.lack(token);
  }
}

function startConsumers(plugins: readonly Plugin[], container: KernelContainer): Map<ConsumerClass, Consumer> {
  const started = new Map<ConsumerClass, Consumer>();
  for (const plugin of plugins) {
    const { consumer, name } = plugin;
    if (consumer === undefined) continue;
    try {
      prepare(plugin, consumer, container);
      const made = container.make(consumer);
      started.set(consumer, made);
      made.start();
    } catch (error) {
      abandon(started, container);
      const reason = error instanceof Error ? error.message : String(error);
      throw new CompositionError('COMPOSE_START_FAILED', `the consumer '${name}' did not start: ${reason}`, {
        cause: error,
      });
    }
  }
  return started;
}

/**
 * Makes a kernel: checks the composition, makes the parts, starts the consumers. Nothing is registered globally; a
 * thousand kernels live side by side. Throws `CompositionError`, or a TypeError for an argument of a wrong type, and
 * then nothing is left behind.
 */
export function composeKernel(options: KernelOptions): Kernel {
  checkOptions(options);
  const checked = checkPlugins(options);
  const container = createContainer(options, checked);
  let putBack = (): void => {};
  try {
    const hardware = container.get(HARDWARE);
    checkFit(hardware, container.get(BACKEND), options.offline);
    putBack = takeOver(hardware);
    if (container.get(SETTINGS).routines.length > 0) container.get(ROUTINES);
    container.get(DELIVERY);
    container.get(BREAKPOINTS);
    const consumers = startConsumers(checked.plugins, container);
    return new Kernel({
      container,
      consumers,
      describe: () => describe(checked, container),
      facets: [...checked.provided.keys()].filter((token) => token instanceof Facet),
      succeed: (given, how, from) => succeed(given, how, from, composeKernel),
    });
  } catch (error) {
    for (const other of container.end()) container.get(LOGGER).log('error', `a part did not end: ${String(other)}`);
    putBack();
    throw error;
  }
}
