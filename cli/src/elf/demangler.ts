import { type Demangle, isMangled } from './mangled.js';
import { withMostPages } from './wasm-memory.js';

/** As far as it is needed here of what Node and browsers have, and Node's types have not. */
declare const WebAssembly: {
  instantiate(
    module: Uint8Array,
    imports: Readonly<Record<string, object>>,
  ): Promise<{ instance: { exports: object } }>;
};

/** What the module that WebAssembly is bound with exports. */
interface Bindings {
  __wbg_set_wasm(exports: object): void;
  demangle_any(name: string): string;
}

/** The two halves of the package gecko-profiler-demangle. */
export interface DemanglerParts {
  /** `index_bg.js`. */
  readonly bindings: Bindings;
  /** The bytes of `index_bg.wasm`. */
  readonly wasm: Uint8Array;
}

/** Memory of the demangler, in pages of 64 KiB: 4 MiB. */
const MOST_PAGES = 64;
/**
 * Characters that names may become: for any program, and for each of a mangled name. Those of real programs become two
 * to five; a name that refers to parts of itself again and again becomes twice as much with every twenty characters.
 */
const FOR_ANY = 1 << 20;
const FOR_EACH = 64;
/** Longest name that is shown as people write it. */
const LONGEST = 65_536;

/**
 * What makes demanglers, one for each program: only those with such names need one. `parts` is asked once. A name that
 * was made to become very long stays as it is, and once the names of a program have used up their budget (64 characters
 * for each of theirs, and a mebibyte), so do all others.
 */
export function demanglersFrom(parts: () => Promise<DemanglerParts>): () => Promise<Demangle> {
  let binding: Promise<Demangle> | undefined;
  return async () => {
    binding ??= parts().then(bind);
    const demangle = await binding;
    let left = FOR_ANY;
    return (name) => {
      if (left < 0 || !isMangled(name)) return name;
      const written = demangle(name);
      left += FOR_EACH * name.length - written.length;
      return written.length > LONGEST ? name : written;
    };
  };
}

async function bind({ bindings, wasm }: DemanglerParts): Promise<Demangle> {
  const module = withMostPages(wasm, MOST_PAGES);
  const { instance } = await WebAssembly.instantiate(module, { './index_bg.js': { ...bindings } });
  bindings.__wbg_set_wasm(instance.exports);
  let broken = false;
  return (name) => {
    if (broken) return name;
    try {
      const written = bindings.demangle_any(name);
      // What it does not understand it may return without the underscore that other systems put in front.
      return written === name.slice(1) ? name : asPeopleWrite(written);
    } catch {
      // A name made to break it leaves the module in an unknown state: no wrong names afterwards.
      broken = true;
      return name;
    }
  };
}

/** In the words of c++filt and gdb. */
function asPeopleWrite(name: string): string {
  return name.replaceAll(/\b_GLOBAL__N_\w*/g, '(anonymous namespace)').replace(/^\{(\w+)\((.*)\)\}$/s, '$1 for $2');
}
