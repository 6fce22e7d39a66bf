/*
 * What of `hwbp replay` runs in a browser, too: no Node built-in is behind it but zlib, for compressed debug
 * information.
 */
export { ARCHITECTURES } from './architecture/known-architectures.js';
export { asItIs, isMangled } from './elf/mangled.js';
export { readElf } from './elf/read-elf.js';
export { BiasFinder } from './replay/find-bias.js';
export type { ReplayHit } from './replay/hit.js';
export { type LoadedProgram, placeProgram } from './replay/place-program.js';
export { resolveWatch } from './replay/resolve-watch.js';
export { ReplaySession } from './replay/session.js';
export { parseWatchSpec } from './replay/watch-spec.js';
