declare module '*.css';

/** A worker's own file, as the page is built: where it is. */
declare module '*?worker&url' {
  const url: string;
  export default url;
}

/** The bytes of a file in base64: see vite.config.ts. */
declare module '*?base64' {
  const text: string;
  export default text;
}

/** See `DemanglerParts`: the package declares its entry only. */
declare module 'gecko-profiler-demangle/index_bg.js' {
  export function __wbg_set_wasm(exports: object): void;
  export function demangle_any(name: string): string;
}
