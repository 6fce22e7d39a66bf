import 'reflect-metadata';
import { type DependencyContainer, container as root } from 'tsyringe';
import type { ArchHost } from '../arch/index.js';
import { Breakpoints } from '../breakpoint/index.js';
import { type FacetServices, FacetSet } from '../facets/index.js';
import { Machine, RingLogger, StaticSymbolTable, type SymbolTable } from '../kernel/index.js';
import { QuirkSet } from '../quirks/index.js';
import { BreakpointPmu, linuxSlotPolicy, SlotAccounting } from '../registers/index.js';
import { directScheduler } from '../scheduling/direct/index.js';
import { checkOptions } from './check-options.js';
import { CompositionError } from './composition-error.js';
import type { Consumer, ConsumerClass } from './consumer.js';
import { formatDescription, type KernelDescription } from './describe.js';
import { Kernel } from './kernel.js';
import type { KernelOptions } from './kernel-options.js';
import { ACCOUNTING, BREAKPOINTS, LOGGER, MACHINE, MANIFEST, PMU, QUIRKS, SCHEDULER, SYMBOLS } from './tokens.js';

/** Nanoseconds: 250 ticks a second. */
const DEFAULT_TICK = 4_000_000;
const NO_SYMBOLS = new StaticSymbolTable([]);

/** The parts below the consumers, wired by hand: they are the same in every kernel, and a container would only hide it. */
function assemble(options: KernelOptions, quirks: QuirkSet) {
  const { backend, facets: offers } = options.arch;
  const { manifest } = backend;
  const logger = options.logger ?? new RingLogger();
  const machine = new Machine({
    ...options,
    cpus: options.cpus ?? 1,
    memory: manifest,
    createUnit: options.createUnit ?? (() => backend.createUnit()),
    logger,
  });
  const drivers = machine.cpus.map((cpu) => backend.createDriver(cpu.unit, quirks));
  // Neither a policy nor an exception comes before there are breakpoints.
  let breakpoints: Breakpoints | undefined;
  const host: ArchHost = {
    machine,
    dieChain: machine.dieChain,
    logger,
    driver: (cpu) => drivers[cpu.index] as (typeof drivers)[number],
    defineTaskState: (create) => machine.defineTaskState(create),
    quirks,
    giveUp: (occupant) => breakpoints?.giveUp(occupant),
  };
  const port = backend.connect(host);
  machine.entry = port;
  const policy = (options.slotPolicy ?? linuxSlotPolicy)({
    manifest,
    machine,
    quirks,
    displaced: (claim) => breakpoints?.displaced(claim),
    granted: (claim) => breakpoints?.granted(claim),
  });
  const { handlerErrors = 'continue' } = options;
  const handlerError = typeof handlerErrors === 'function' ? handlerErrors : () => handlerErrors;
  const pmu = new BreakpointPmu({ machine, manifest, drivers, logger, handlerError }, policy, port);
  const { scheduler: factory = directScheduler(), tick = DEFAULT_TICK } = options;
  const scheduler = factory.create({ machine, pmu, logger, quirks, tick });
  const accounting = new SlotAccounting(policy);
  breakpoints = new Breakpoints({ machine, backend, pmu, accounting, scheduler, logger, quirks });
  const services: FacetServices = { host, port, breakpoints, quirks };
  const facets = new FacetSet(offers, services);
  return { machine, logger, pmu, scheduler, accounting, breakpoints, facets, manifest };
}

type Assembly = ReturnType<typeof assemble>;

function asTable(symbols: KernelOptions['symbols']): SymbolTable {
  if (symbols === undefined) return NO_SYMBOLS;
  return 'lookup' in symbols ? symbols : new StaticSymbolTable(symbols);
}

function composeQuirks(options: KernelOptions): QuirkSet {
  const catalogue = [
    ...options.arch.quirks,
    ...(options.scheduler?.quirks ?? []),
    ...(options.consumers ?? []).flatMap(({ consumer }) => consumer.quirks ?? []),
  ];
  const off = new Set(options.strict ? catalogue.map(({ name }) => name) : []);
  for (const [name, on] of Object.entries(options.quirks ?? {})) {
    if (!catalogue.some((quirk) => quirk.name === name)) {
      const known = catalogue.map((quirk) => quirk.name).join(', ') || 'none';
      throw new CompositionError(
        'COMPOSE_UNKNOWN_QUIRK',
        `no part of this kernel has a quirk '${name}' (known: ${known})`,
      );
    }
    if (on) off.delete(name);
    else off.add(name);
  }
  return new QuirkSet(catalogue, off);
}

/** The kernel's container: a child of tsyringe's root, in which nothing is ever registered. */
function createContainer(
  parts: Assembly,
  symbols: SymbolTable,
  quirks: QuirkSet,
  options: KernelOptions,
): DependencyContainer {
  const container = root.createChildContainer();
  const values: readonly (readonly [symbol, unknown])[] = [
    [MACHINE, parts.machine],
    [BREAKPOINTS, parts.breakpoints],
    [SYMBOLS, symbols],
    [LOGGER, parts.logger],
    [MANIFEST, parts.manifest],
    [QUIRKS, quirks],
    [ACCOUNTING, parts.accounting],
    [SCHEDULER, parts.scheduler],
    [PMU, parts.pmu],
    ...parts.scheduler.services,
  ];
  const overridden = new Set(options.providers?.map(({ token }) => token));
  for (const [token, value] of values) {
    if (!overridden.has(token)) container.registerInstance(token, value);
  }
  for (const { token, value } of options.providers ?? []) container.registerInstance(token, value);
  const wanted = (options.consumers ?? []).flatMap(({ consumer }) => consumer.optionalFacets ?? []);
  for (const facet of new Set([...parts.facets.offered, ...wanted]))
    container.register(facet.token, { useFactory: () => parts.facets.get(facet) });
  return container;
}

/** Takes back what was started. An error there must not hide the reason. */
function abandon(started: ReadonlyMap<ConsumerClass, Consumer>, { breakpoints, facets, logger }: Assembly): void {
  for (const [{ consumer: manifest }, consumer] of [...started].reverse()) {
    try {
      consumer.stop();
    } catch (error) {
      logger.log('error', `the consumer '${manifest.name}' did not stop: ${String(error)}`);
    }
  }
  breakpoints.dispose();
  facets.dispose();
}

function startConsumers(
  classes: readonly ConsumerClass[],
  container: DependencyContainer,
  parts: Assembly,
): Map<ConsumerClass, Consumer> {
  const started = new Map<ConsumerClass, Consumer>();
  for (const consumerClass of classes) {
    const { name } = consumerClass.consumer;
    try {
      const consumer = container.resolve<Consumer>(consumerClass);
      started.set(consumerClass, consumer);
      consumer.start();
    } catch (error) {
      abandon(started, parts);
      const reason = error instanceof Error ? error.message : String(error);
      throw new CompositionError('COMPOSE_START_FAILED', `the consumer '${name}' did not start: ${reason}`, {
        cause: error,
      });
    }
  }
  return started;
}

/**
 * Makes a kernel: checks the options, wires the parts, starts the consumers. Nothing is registered globally; a thousand
 * kernels live side by side. Throws `CompositionError`, and then nothing is left behind.
 */
export function composeKernel(options: KernelOptions): Kernel {
  checkOptions(options);
  const quirks = composeQuirks(options);
  const parts = assemble(options, quirks);
  const symbols = asTable(options.symbols);
  const classes = options.consumers ?? [];
  // Without consumers nothing is injected: the container is made only for them.
  const consumers =
    classes.length === 0
      ? new Map<ConsumerClass, Consumer>()
      : startConsumers(classes, createContainer(parts, symbols, quirks, options), parts);
  const { machine, breakpoints, facets, accounting, scheduler, manifest } = parts;
  const describe = (): KernelDescription => ({
    arch: manifest,
    cpus: machine.cpus.length,
    online: machine.onlineCpus.map((cpu) => cpu.index),
    slotPolicy: accounting.policy.name,
    scheduler: scheduler.name,
    symbols: symbols.symbols.length,
    facets: facets.offered.map(({ name }) => name),
    consumers: classes.map(({ consumer }) => ({
      name: consumer.name,
      facets: (consumer.facets ?? []).map(({ name }) => name),
    })),
    quirks: quirks.catalogue.map((quirk) => ({ name: quirk.name, on: quirks.isOn(quirk) })),
    providers: (options.providers ?? []).map(({ token }) => token.description ?? 'unnamed'),
    toString(): string {
      return formatDescription(this);
    },
  });
  return new Kernel({ machine, breakpoints, symbols, quirks, facets, consumers, describe });
}
