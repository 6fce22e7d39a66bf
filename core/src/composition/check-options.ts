import type { SchedulerFactory } from '../registers/index.js';
import { EVENTS } from '../scheduling/events/index.js';
import { CompositionError } from './composition-error.js';
import type { ConsumerClass } from './consumer.js';
import type { KernelOptions } from './kernel-options.js';

const KNOWN: ReadonlySet<string> = new Set([
  'arch',
  'cpus',
  'offline',
  'symbols',
  'consumers',
  'slotPolicy',
  'scheduler',
  'createUnit',
  'createClock',
  'logger',
  'instructionTime',
  'tick',
  'quantum',
  'strict',
  'quirks',
  'handlerErrors',
  'providers',
] satisfies (keyof KernelOptions)[]);

function invalid(message: string): CompositionError {
  return new CompositionError('COMPOSE_INVALID_OPTION', message);
}

function checkCount(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw invalid(`${name} is a whole number from ${least} to ${most}, got ${String(value)}`);
}

function remedy(service: symbol): string {
  if (service === EVENTS) return 'compose the kernel with scheduler: perfEvents()';
  return 'add it to the providers option';
}

function checkScheduler(scheduler: unknown): void {
  const { create, services, quirks } = (scheduler ?? {}) as Partial<SchedulerFactory>;
  if (typeof create === 'function' && Array.isArray(services) && Array.isArray(quirks)) return;
  throw invalid('the option scheduler is what a scheduler package exports, called: directScheduler() or perfEvents()');
}

function checkConsumers(options: KernelOptions): void {
  const { arch, consumers = [], providers = [], scheduler } = options;
  const names = new Set<string>();
  for (const consumerClass of consumers) {
    const manifest = (consumerClass as Partial<ConsumerClass>)?.consumer;
    if (typeof consumerClass !== 'function' || typeof manifest?.name !== 'string') {
      const what = typeof consumerClass === 'function' ? consumerClass.name : String(consumerClass);
      throw new CompositionError(
        'COMPOSE_NOT_A_CONSUMER',
        `${what} is no consumer: a consumer is a class with 'static readonly consumer = { name: ... }', start() and stop()`,
      );
    }
    if (names.has(manifest.name)) {
      throw new CompositionError(
        'COMPOSE_DUPLICATE_CONSUMER',
        `two consumers are named '${manifest.name}'; compose one of them`,
      );
    }
    names.add(manifest.name);
    for (const facet of manifest.facets ?? []) {
      if (arch.facets.some((offered) => offered.facet === facet)) continue;
      throw new CompositionError(
        'COMPOSE_MISSING_FACET',
        `the consumer '${manifest.name}' needs the facet '${facet.name}', which the architecture '${arch.backend.manifest.name}' does not offer; to offer it, implement ${facet.implement}`,
      );
    }
    for (const service of manifest.services ?? []) {
      if (scheduler?.services.includes(service) || providers.some(({ token }) => token === service)) continue;
      throw new CompositionError(
        'COMPOSE_MISSING_SERVICE',
        `the consumer '${manifest.name}' needs the service '${service.description ?? 'unnamed'}', which nobody provides; ${remedy(service)}`,
      );
    }
  }
  for (const { consumer } of consumers) {
    const enemy = consumer.conflicts?.find((name) => names.has(name));
    if (enemy === undefined) continue;
    throw new CompositionError(
      'COMPOSE_CONFLICT',
      `'${consumer.name}' cannot live beside '${enemy}'; compose one of them`,
    );
  }
}

/** Everything that can be known to be wrong before anything is made. */
export function checkOptions(options: KernelOptions): void {
  if (typeof options !== 'object' || options === null) throw invalid('composeKernel takes an object of options');
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name)) throw invalid(`unknown option '${name}'; known: ${[...KNOWN].join(', ')}`);
  }
  const { arch, cpus = 1 } = options;
  if (typeof arch?.backend?.parse !== 'function' || !Array.isArray(arch.facets)) {
    throw invalid('the option arch is an architecture: call the function that a backend package exports for it');
  }
  checkCount('cpus', options.cpus, 1, 4096);
  checkCount('quantum', options.quantum, 1, 1_000_000_000);
  checkCount('tick', options.tick, 1, Number.MAX_SAFE_INTEGER);
  checkCount('instructionTime', options.instructionTime, 1, 1_000_000_000);
  for (const index of options.offline ?? []) checkCount('offline: each CPU', index, 0, cpus - 1);
  if (new Set(options.offline).size >= cpus) throw invalid('at least one CPU must be online');
  if (options.scheduler !== undefined) checkScheduler(options.scheduler);
  checkConsumers(options);
}
