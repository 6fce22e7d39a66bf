import type { ArchBackend } from '../arch/index.js';
import { FLAG, FUNCTION, oneOf, requireKind } from '../errors/index.js';
import type { Token } from '../facets/index.js';
import { Hardware, MOST_CPUS } from '../hardware/index.js';
import type { Architecture } from './architecture.js';
import { invalidOption as invalid } from './composition-error.js';
import type { KernelOptions } from './kernel-options.js';
import { LOGGER_KIND, SYMBOLS_KIND } from './part-kinds.js';
import type { Plugin } from './plugin.js';
import { BREAKPOINT_SCHEDULER, SLOT_POLICY, TASK_SCHEDULER } from './tokens.js';

const KNOWN: ReadonlySet<string> = new Set([
  'arch',
  'plugins',
  'breakpointScheduler',
  'slotPolicy',
  'taskScheduler',
  'hardware',
  'cpus',
  'createUnit',
  'createClock',
  'instructionTime',
  'offline',
  'symbols',
  'routines',
  'logger',
  'tick',
  'quantum',
  'seed',
  'strict',
  'quirks',
  'code',
  'handlerErrors',
  'wideBy',
] satisfies (keyof KernelOptions)[]);

/** Options that say how new hardware is built. */
const BUILDS = ['cpus', 'createUnit', 'createClock', 'instructionTime'] as const;

function checkCount(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw invalid(`${name} is a whole number from ${least} to ${most}, got ${String(value)}`);
}

function checkFunction(name: string, value: unknown): void {
  if (value !== undefined) requireKind(name, value, FUNCTION, invalid);
}

function checkFlag(name: string, value: unknown): void {
  if (value !== undefined) requireKind(name, value, FLAG, invalid);
}

/** What the options provide that are parts of their own. */
const PARTS = {
  breakpointScheduler: BREAKPOINT_SCHEDULER,
  slotPolicy: SLOT_POLICY,
  taskScheduler: TASK_SCHEDULER,
} as const;

/** An option that is a part of its own: a plugin that provides a token. */
function checkPart(name: keyof typeof PARTS, plugin: Plugin | undefined, example: string): void {
  if (plugin === undefined) return;
  const token: Token<unknown> = PARTS[name];
  const provides = (plugin as Partial<Plugin> | null)?.provides;
  if (Array.isArray(provides) && provides.some((provision) => provision?.token === token)) return;
  const got =
    typeof plugin === 'function' ? 'a function: call it' : typeof plugin === 'string' ? `'${plugin}'` : typeof plugin;
  throw invalid(`${name} is what a package exports for it, called: ${example}; got ${got}`);
}

function checkLogger(logger: KernelOptions['logger']): void {
  if (logger !== undefined) requireKind('logger', logger, LOGGER_KIND, invalid);
}

function checkHandlerErrors(handlerErrors: KernelOptions['handlerErrors']): void {
  if (handlerErrors === undefined || handlerErrors === 'continue' || handlerErrors === 'stop') return;
  if (typeof handlerErrors === 'function') return;
  throw invalid(`handlerErrors is 'continue', 'stop' or a function that decides, got ${String(handlerErrors)}`);
}

function checkSymbols(symbols: KernelOptions['symbols']): void {
  if (symbols === undefined) return;
  if (typeof symbols === 'object' && symbols !== null && !(symbols instanceof Map)) {
    if ('lookup' in symbols) requireKind('symbols', symbols, SYMBOLS_KIND, invalid);
    if ('lookup' in symbols || Symbol.iterator in symbols) return;
  }
  throw invalid('symbols is a symbol table, or a list of { name, address, size }');
}

function checkQuirks(quirks: KernelOptions['quirks']): void {
  if (quirks === undefined) return;
  if (typeof quirks !== 'object' || quirks === null) throw invalid('quirks is an object: { name: true or false }');
  for (const [name, on] of Object.entries(quirks)) checkFlag(`quirks: '${name}'`, on);
}

function checkCode(code: KernelOptions['code']): void {
  if (code === undefined) return;
  if (typeof code !== 'object' || code === null) throw invalid('code is an object: { name: function }');
  for (const [name, one] of Object.entries(code)) requireKind(`code: '${name}'`, one, FUNCTION, invalid);
}

/** Hardware by whatever way it came: whether a kernel of this architecture can run on it, with these CPUs offline. */
export function checkFit(hardware: Hardware, backend: ArchBackend, offline: readonly number[] = []): void {
  checkIsHardware(hardware);
  const { cpus, memory } = hardware;
  for (const index of offline) checkCount('offline: each CPU', index, 0, cpus.length - 1);
  if (!cpus.some(({ online, index }) => online && !offline.includes(index))) {
    throw invalid('at least one CPU must be online');
  }
  const { pageSize, byteOrder, name } = backend.manifest;
  if (memory.pageSize !== pageSize || memory.byteOrder !== byteOrder) {
    const has = `pages of ${memory.pageSize} bytes in ${memory.byteOrder}-endian order`;
    throw invalid(`the memory of this hardware has ${has}, ${name} needs ${pageSize} in ${byteOrder}-endian order`);
  }
  try {
    for (const cpu of cpus) backend.createDriver(cpu);
  } catch (error) {
    throw invalid(`this hardware is not for ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** New hardware is built by options, or it is given, or a plugin (named `by`) provides it. */
export function checkHardware(options: KernelOptions, by?: string): void {
  const { hardware } = options;
  if (hardware !== undefined) checkIsHardware(hardware);
  const built = BUILDS.find((name) => options[name] !== undefined);
  const given = hardware === undefined ? built : 'hardware';
  if (by !== undefined && given !== undefined) {
    throw invalid(`${given} is given, but the plugin '${by}' provides the hardware: leave one out`);
  }
  if (hardware === undefined || built === undefined) return;
  throw invalid(`${built} says how new hardware is built, but hardware is given: leave one out`);
}

function checkIsHardware(hardware: unknown): void {
  if (hardware instanceof Hardware) return;
  throw invalid(
    'hardware is a Hardware: new Hardware({ ... }), or kernel.hardware; of a virtual machine, its hardware too',
  );
}

/** Every option by itself. Throws a TypeError that names it. */
export function checkOptions(options: KernelOptions): void {
  if (typeof options !== 'object' || options === null) throw invalid('composeKernel takes an object of options');
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name)) throw invalid(`unknown option '${name}'; known: ${[...KNOWN].join(', ')}`);
  }
  const arch = options.arch as Partial<Architecture> | undefined;
  if (typeof arch?.backend?.parse !== 'function' || !Array.isArray(arch.facets) || !Array.isArray(arch.provides)) {
    throw invalid('the option arch is an architecture: call the function that a backend package exports for it');
  }
  checkCount('cpus', options.cpus, 1, MOST_CPUS);
  checkCount('quantum', options.quantum, 1, 1_000_000_000);
  checkCount('tick', options.tick, 1, Number.MAX_SAFE_INTEGER);
  checkCount('seed', options.seed, 0, 2 ** 32 - 1);
  checkCount('instructionTime', options.instructionTime, 1, 1_000_000_000);
  checkFunction('createUnit', options.createUnit);
  checkFunction('createClock', options.createClock);
  checkFlag('strict', options.strict);
  checkLogger(options.logger);
  checkHandlerErrors(options.handlerErrors);
  if (options.wideBy !== undefined) requireKind('wideBy', options.wideBy, oneOf('instant', 'ipi'), invalid);
  checkSymbols(options.symbols);
  if (options.offline !== undefined && !Array.isArray(options.offline))
    throw invalid('offline is a list of CPU numbers');
  checkQuirks(options.quirks);
  checkCode(options.code);
  checkPart('breakpointScheduler', options.breakpointScheduler, 'directScheduler() or perfEvents()');
  checkPart('slotPolicy', options.slotPolicy, 'linuxSlotPolicy() or flexible()');
  checkPart('taskScheduler', options.taskScheduler, 'roundRobin(), or fixedPriority() of @hwbp/schedulers');
  if (options.plugins !== undefined && !Array.isArray(options.plugins)) throw invalid('plugins is a list');
}
