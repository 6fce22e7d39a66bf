import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { demanglersFrom } from './demangler.js';

/** Loads a demangler, in Node. The package is made for bundlers: Node has to be told where its two halves are. */
export const loadDemangler = demanglersFrom(async () => ({
  bindings: await import(import.meta.resolve('gecko-profiler-demangle/index_bg.js')),
  wasm: await readFile(fileURLToPath(import.meta.resolve('gecko-profiler-demangle/index_bg.wasm'))),
}));
