import { QUANTUM, StaticSymbolTable, type SymbolTable, TICK } from '../kernel/index.js';
import { type Assembly, Code } from '../programs/index.js';
import { invalidOption } from './composition-error.js';
import type { KernelOptions } from './kernel-options.js';
import type { Plugin } from './plugin.js';
import { routinesOf, withRoutines } from './routines.js';
import type { Settings } from './settings.js';

const NOTHING_NAMED = new Code();
const NO_SYMBOLS = new StaticSymbolTable([]);

function symbolTableOf(symbols: KernelOptions['symbols']): SymbolTable {
  if (symbols === undefined) return NO_SYMBOLS;
  if ('lookup' in symbols) return symbols;
  try {
    return new StaticSymbolTable(symbols);
  } catch (error) {
    throw error instanceof TypeError ? invalidOption(error.message) : error;
  }
}

/** What makes programs of routines out of an image has a name of its own. */
function programsOf(routines: readonly Assembly[]): Readonly<Record<string, Assembly['resume']>> {
  return Object.fromEntries(routines.map(({ name, resume }) => [`routines ${name}`, resume]));
}

/** What images can refer to: few kernels give anything a name. */
function codeOf({ code }: KernelOptions, routines: readonly Assembly[]): Code {
  if (routines.length === 0) return code === undefined ? NOTHING_NAMED : new Code(code);
  return new Code({ ...programsOf(routines), ...code });
}

/** The options with their defaults. */
export function resolveSettings(options: KernelOptions, plugins: readonly Plugin[]): Settings {
  const { hardware, cpus = hardware?.cpus.length ?? 1, offline = [], tick = TICK, quantum = QUANTUM } = options;
  const {
    seed = 0,
    handlerErrors = 'continue',
    wideBy = 'instant',
    createUnit,
    createClock,
    instructionTime,
  } = options;
  const { logger } = options;
  const routines = routinesOf(options, plugins);
  return {
    cpus,
    offline,
    tick,
    quantum,
    seed,
    handlerErrors: typeof handlerErrors === 'function' ? handlerErrors : () => handlerErrors,
    wideBy,
    symbols: withRoutines(symbolTableOf(options.symbols), routines),
    routines,
    code: codeOf(options, routines),
    logger,
    hardware,
    createUnit,
    createClock,
    instructionTime,
  };
}
