import type { ArchManifest } from '../arch/index.js';
import { hex } from '../hardware/index.js';
import { StaticSymbolTable, type SymbolTable, SymbolTables } from '../kernel/index.js';
import { Assembly } from '../programs/index.js';
import { invalidOption, notAPlugin } from './composition-error.js';
import type { KernelOptions } from './kernel-options.js';
import type { Plugin } from './plugin.js';

/**
 * The assemblies of a composition: its own, and those that plugins bring. Throws for what is none, and for two in one
 * place.
 */
export function routinesOf(options: KernelOptions, plugins: readonly Plugin[]): readonly Assembly[] {
  const all: Assembly[] = [];
  const take = (given: unknown, wrong: (message: string) => Error): void => {
    if (given === undefined) return;
    if (!Array.isArray(given) || !given.every((one) => one instanceof Assembly)) {
      throw wrong('routines is a list of what assemble() has made');
    }
    for (const one of given as readonly Assembly[]) if (!all.includes(one)) all.push(one);
  };
  take(options.routines, invalidOption);
  for (const { name, routines } of plugins) take(routines, (message) => notAPlugin(`the plugin '${name}': ${message}`));
  for (const [index, one] of all.entries()) for (const other of all.slice(0, index)) checkApart(other, one);
  return Object.freeze(all);
}

interface Range {
  readonly address: bigint;
  readonly size: number;
}

const overlap = (a: Range, b: Range): boolean =>
  a.address < b.address + BigInt(b.size) && b.address < a.address + BigInt(a.size);

function checkApart(one: Assembly, other: Assembly): void {
  if (one.name === other.name) {
    throw invalidOption(
      `two assemblies are named '${one.name}': give one another name, as in assemble(text, { name })`,
    );
  }
  for (const a of [one.text, one.data]) {
    const b = [other.text, other.data].find((range) => overlap(a, range));
    if (b === undefined) continue;
    const way = 'give one another place, as in assemble(text, { at: 0x500000n })';
    throw invalidOption(`the assemblies '${one.name}' and '${other.name}' overlap at ${hex(b.address)}: ${way}`);
  }
}

/** Instructions begin where the architecture's may. */
export function checkAligned(routines: readonly Assembly[], { instructionAlignment, name }: ArchManifest): void {
  for (const { text, length, name: which } of routines) {
    if (text.address % BigInt(instructionAlignment) === 0n && length % instructionAlignment === 0) continue;
    const needs = `instructions of ${name} begin at multiples of ${instructionAlignment} bytes`;
    throw invalidOption(
      `the assembly '${which}' has instructions of ${length} bytes at ${hex(text.address)}: ${needs}`,
    );
  }
}

/** A kernel's symbols, and those of its routines in front of them. */
export function withRoutines(symbols: SymbolTable, routines: readonly Assembly[]): SymbolTable {
  if (routines.length === 0) return symbols;
  return new SymbolTables([new StaticSymbolTable(routines.flatMap((one) => one.symbols)), symbols]);
}
