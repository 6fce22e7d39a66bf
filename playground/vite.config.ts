import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

/** tsyringe needs reflect-metadata before it: modules execute in the order in which they are imported. */
const rolldownOptions = { output: { strictExecutionOrder: true } };

const BASE64 = '?base64';

/** The bytes of a file as text in a module: the page's policy lets nothing be fetched. */
const base64 = (): Plugin => ({
  name: 'base64',
  load: (id) =>
    id.endsWith(BASE64)
      ? `export default ${JSON.stringify(readFileSync(id.slice(0, -BASE64.length), 'base64'))}`
      : undefined,
});

export default defineConfig({
  // Any host, in any folder.
  base: './',
  build: {
    outDir: 'dist/site',
    emptyOutDir: true,
    target: 'es2022',
    // The page allows no data: URLs.
    assetsInlineLimit: 0,
    // Nothing is fetched before it is wanted.
    modulePreload: false,
    chunkSizeWarningLimit: 2000,
  },
  // What a browser does not have: see the file.
  resolve: {
    alias: {
      'node:zlib': fileURLToPath(new URL('src/trace/zlib.ts', import.meta.url)),
      'node:path': 'path-browserify',
    },
  },
  worker: { format: 'es', rolldownOptions, plugins: () => [base64()] },
});
