import { QUANTUM, StaticSymbolTable, type SymbolTable, TICK } from '../kernel/index.js';
import { Code } from '../programs/index.js';
import { invalidOption } from './composition-error.js';
import type { KernelOptions } from './kernel-options.js';
import type { Settings } from './settings.js';

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

/** The options with their defaults. */
export function resolveSettings(options: KernelOptions): Settings {
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
  return {
    cpus,
    offline,
    tick,
    quantum,
    seed,
    handlerErrors: typeof handlerErrors === 'function' ? handlerErrors : () => handlerErrors,
    wideBy,
    symbols: symbolTableOf(options.symbols),
    code: new Code(options.code),
    logger,
    hardware,
    createUnit,
    createClock,
    instructionTime,
  };
}
