import path from 'node:path';
import type { Demangle } from '../elf/mangled.js';
import { ProgramSymbols } from '../elf/program-symbols.js';
import type { ElfFile } from '../elf/read-elf.js';
import type { LoadedProgram } from './place-program.js';
import type { LoadedObject, ValgrindLog } from './valgrind-log.js';

/** A library, where it was loaded. */
export interface KnownObject {
  /** Its file name. */
  readonly name: string;
  readonly symbols: ProgramSymbols;
}

type TracedProgram = Pick<LoadedProgram, 'path' | 'symbols'>;

/** The file of a library by the path that Valgrind names; `undefined` if it is not here, or damaged. */
export type OpenLibrary = (path: string) => ElfFile | undefined;

/**
 * The libraries of a traced program, as far as Valgrind says where it has loaded them (`-v -v`) and their files are
 * here: only a file says how far an object reaches, and what is in it.
 */
export class LoadedObjects {
  readonly #log: ValgrindLog;
  readonly #program: TracedProgram | undefined;
  readonly #open: OpenLibrary;
  /** By path; `undefined`: it cannot be read, or is not the one that was loaded. */
  readonly #read = new Map<string, KnownObject | undefined>();

  /** `program`: the program itself, which is no library; its demangler is the libraries', too. */
  constructor(log: ValgrindLog, program: TracedProgram | undefined, open: OpenLibrary) {
    this.#log = log;
    this.#program = program;
    this.#open = open;
  }

  /** How many Valgrind has said so far. */
  get count(): number {
    return this.#log.objects.length;
  }

  /** File names of the libraries that were loaded and of which nothing is known here. */
  get absent(): readonly string[] {
    const names = this.#log.objects
      .filter((object) => !this.#isProgram(object) && this.#known(object) === undefined)
      .map((object) => path.basename(object.path));
    return [...new Set(names)];
  }

  /** The object that an address lies in. */
  at(address: bigint): KnownObject | undefined {
    for (const object of this.#log.objects) {
      if (this.#isProgram(object)) continue;
      const known = this.#known(object);
      if (known?.symbols.contains(address)) return known;
    }
    return undefined;
  }

  /** Where functions of some names are in the objects of some names. */
  addressesOf(names: RegExp, objects: RegExp): bigint[] {
    return this.#log.objects
      .filter((object) => objects.test(path.basename(object.path)))
      .flatMap((object) => this.#known(object)?.symbols.symbols ?? [])
      .filter(({ name }) => names.test(name))
      .map(({ address }) => address);
  }

  #isProgram(object: LoadedObject): boolean {
    return this.#program !== undefined && path.basename(object.path) === path.basename(this.#program.path);
  }

  #known(object: LoadedObject): KnownObject | undefined {
    if (!this.#read.has(object.path)) this.#read.set(object.path, this.#identify(object));
    return this.#read.get(object.path);
  }

  #identify({ path: file, bias, text }: LoadedObject): KnownObject | undefined {
    const elf = this.#open(file);
    // Another version of the library would give wrong names.
    if (elf === undefined || !elf.image.some(({ address }) => address === text)) return undefined;
    const written: Demangle = (name) => this.#program?.symbols.written(name) ?? name;
    return { name: path.basename(file), symbols: new ProgramSymbols(elf, bias, written) };
  }
}
