import { type Demangle, demanglersFrom } from '@hwbp/cli/portable';

/**
 * Loads a demangler for a program that has names for one. Its WebAssembly is text of the page, and not fetched: the
 * page's policy lets it connect to nobody.
 */
export const loadDemangler: () => Promise<Demangle> = demanglersFrom(async () => {
  const [bindings, { default: text }] = await Promise.all([
    import('gecko-profiler-demangle/index_bg.js'),
    import('gecko-profiler-demangle/index_bg.wasm?base64'),
  ]);
  return { bindings, wasm: Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)) };
});
