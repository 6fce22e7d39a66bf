import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Assembly, type Kernel, type KernelSymbol, MANIFEST, ROUTINES } from '@hwbp/core';
import { type AssemblyFile, dwarfOf } from './dwarf.js';
import { type ElfSection, type ElfSymbol, elfFile } from './elf-file.js';
import { symbolMachine } from './machine.js';

/** A file by which gdb knows the names of a kernel: in a directory of its own, which only its user can read. */
export class SymbolFile implements Disposable {
  readonly path: string;
  readonly #directory: string;

  private constructor(directory: string, file: string) {
    this.#directory = directory;
    this.path = file;
  }

  /**
   * Writes the symbols and routines of a kernel, and the source of the routines beside them. `undefined`: it has none,
   * or gdb has no such file for its architecture.
   */
  static write(kernel: Kernel): SymbolFile | undefined {
    const machine = symbolMachine(kernel.get(MANIFEST));
    const routines = kernel.get(ROUTINES);
    const { symbols } = kernel.symbols;
    if (machine === undefined || symbols.length === 0) return undefined;
    const directory = mkdtempSync(path.join(tmpdir(), 'hwbp-'));
    try {
      const files = routines.map(
        (assembly, index): AssemblyFile => ({ assembly, directory, file: nameOf(assembly, index) }),
      );
      for (const { assembly, file } of files)
        writeFileSync(path.join(directory, file), assembly.source, { flag: 'wx' });
      const { abbreviations, information, lines, frames } = dwarfOf(machine, files);
      const places = [...routines.flatMap(sectionsOf), ...symbols.flatMap((one) => placeOf(one, routines))];
      const sections = [
        ...places,
        ...Object.entries({ abbrev: abbreviations, info: information, line: lines, frame: frames }).map(
          ([name, bytes]): ElfSection => {
            const { length: size } = bytes;
            return { name: `.debug_${name}`, type: 'progbits', address: 0n, size, bytes, memory: 'none' };
          },
        ),
      ];
      const file = path.join(directory, 'kernel.elf');
      writeFileSync(file, elfFile(machine, sections, symbolsOf(routines, symbols, places)), { flag: 'wx' });
      return new SymbolFile(directory, file);
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** The file that a source is written to: its name without what no file name should have. */
function nameOf({ name }: Assembly, index: number): string {
  const base = path.basename(name).replaceAll(/[^\w.-]/g, '_');
  return index === 0 && base !== 'kernel.elf' ? base : `${index}-${base}`;
}

/** An assembly's text and data: they are in the memory of the target, and not in the file. */
function sectionsOf({ text, data }: Assembly): readonly ElfSection[] {
  const all: readonly ElfSection[] = [
    { ...text, name: '.text', type: 'nobits', memory: 'text' },
    { ...data, name: '.bss', type: 'nobits', memory: 'data' },
  ];
  return all.filter(({ size }) => size > 0);
}

/**
 * Of a function or a variable that is of no assembly: gdb breaks at a function by name only if it lies in a section.
 */
function placeOf(symbol: KernelSymbol, routines: readonly Assembly[]): readonly ElfSection[] {
  const { address, size, type } = symbol;
  if (type === undefined || size === 0 || routines.some(({ symbols }) => symbols.some((one) => one === symbol)))
    return [];
  const [name, memory] = type === 'function' ? (['.text', 'text'] as const) : (['.bss', 'data'] as const);
  return [{ name, address, size, type: 'nobits', memory }];
}

function symbolsOf(
  routines: readonly Assembly[],
  symbols: readonly KernelSymbol[],
  sections: readonly ElfSection[],
): readonly ElfSymbol[] {
  const sectionAt = (address: bigint): number =>
    sections.findIndex((one) => address >= one.address && address < one.address + BigInt(one.size));
  const kinds = new Map(routines.flatMap((one) => one.symbols.map(({ name, kind }) => [name, kind] as const)));
  return symbols.map(({ name, address, size, type }) => {
    const section = sectionAt(address);
    return section < 0
      ? { name, address, size, kind: 'none', section: undefined }
      : { name, address, size, kind: kinds.get(name) ?? type ?? 'none', section };
  });
}
