import path from 'node:path';
import { ElfError } from '../elf/elf-error.js';
import { ProgramSymbols } from '../elf/program-symbols.js';
import { readElfFile } from '../elf/read-elf-file.js';
import type { LoadedObject, ValgrindLog } from './valgrind-log.js';

/** A library, where it was loaded. */
export interface KnownObject {
  /** Its file name. */
  readonly name: string;
  readonly symbols: ProgramSymbols;
}

/**
 * The libraries of a traced program, as far as Valgrind says where it has loaded them (`-v -v`) and their files are
 * here: only a file says how far an object reaches, and what is in it.
 */
export class LoadedObjects {
  readonly #log: ValgrindLog;
  readonly #program: string | undefined;
  /** By path; `undefined`: it cannot be read, or is not the one that was loaded. */
  readonly #read = new Map<string, KnownObject | undefined>();

  /** `program`: path of the program itself, which is no library. */
  constructor(log: ValgrindLog, program: string | undefined) {
    this.#log = log;
    this.#program = program;
  }

  /** How many Valgrind has said so far. */
  get count(): number {
    return this.#log.objects.length;
  }

  /** The object that an address lies in. */
  at(address: bigint): KnownObject | undefined {
    for (const object of this.#log.objects) {
      if (this.#program !== undefined && path.basename(object.path) === path.basename(this.#program)) continue;
      const known = this.#open(object);
      if (known?.symbols.contains(address)) return known;
    }
    return undefined;
  }

  /** Where functions of some names are in the objects of some names. */
  addressesOf(names: RegExp, objects: RegExp): bigint[] {
    return this.#log.objects
      .filter((object) => objects.test(path.basename(object.path)))
      .flatMap((object) => this.#open(object)?.symbols.symbols ?? [])
      .filter(({ name }) => names.test(name))
      .map(({ address }) => address);
  }

  #open(object: LoadedObject): KnownObject | undefined {
    if (!this.#read.has(object.path)) this.#read.set(object.path, readObject(object));
    return this.#read.get(object.path);
  }
}

function readObject({ path: file, bias, text }: LoadedObject): KnownObject | undefined {
  try {
    const elf = readElfFile(file);
    // Another version of the library would give wrong names.
    if (!elf.image.some(({ address }) => address === text)) return undefined;
    return { name: path.basename(file), symbols: new ProgramSymbols(elf, bias) };
  } catch (error) {
    if (error instanceof ElfError || typeof (error as NodeJS.ErrnoException).code === 'string') return undefined;
    throw error;
  }
}
