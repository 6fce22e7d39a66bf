import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { Planted, Suites } from './planted.js';

/** From test/dist/contract/planted. */
const ROOT = path.join(import.meta.dirname, '../../../..');
const HERE = path.join(ROOT, 'test/src/contract/planted');

/** Where the sources of a package are. */
function sourcesOf(name: string): string {
  const short = name.replace('@hwbp/', '');
  const isConsumer =
    !['core', 'testkit', 'schedulers', 'syscalls', 'devices'].includes(short) && !short.startsWith('arch-');
  return path.join(ROOT, isConsumer ? 'consumers' : '', short, 'src/index.ts');
}

/** The text with the defect. Throws for one that does not stand there, once. */
function plant(text: string, { name, file, from, to }: Planted): string {
  const parts = text.split(from);
  if (parts.length !== 2) {
    throw new Error(`'${name}': ${file} has ${parts.length - 1} times, not once: ${from}`);
  }
  return parts.join(to);
}

/** Reads the sources of this repository's packages, one of them with a defect. */
function planting(defect: Planted): Plugin {
  const target = path.join(ROOT, defect.file);
  const planted = defect.file.startsWith('core/') ? undefined : defect.file.split('/src/')[0]?.split('/').at(-1);
  return {
    name: 'planted',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^@hwbp\// }, ({ path: wanted }) =>
        // Of what does not depend on the defect, the built one will do.
        wanted !== '@hwbp/cli/facet-uses' && (planted === undefined || wanted === `@hwbp/${planted}`)
          ? { path: sourcesOf(wanted) }
          : { path: wanted, external: true },
      );
      onLoad({ filter: /\.ts$/ }, async ({ path: file }) =>
        file === target ? { contents: plant(await readFile(file, 'utf8'), defect), loader: 'ts' } : undefined,
      );
    },
  };
}

let made = 0;

/** The suites, with one defect planted below them. */
export async function suitesWith(defect: Planted): Promise<Suites> {
  const outfile = path.join(import.meta.dirname, `bundle-${process.pid}-${made++}.mjs`);
  await build({
    entryPoints: [path.join(HERE, `${defect.kind}-suites.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    tsconfig: path.join(ROOT, 'tsconfig.base.json'),
    external: ['tsyringe', 'fast-check', 'fzstd'],
    logLevel: 'silent',
    plugins: [planting(defect)],
  });
  try {
    return ((await import(pathToFileURL(outfile).href)) as { readonly SUITES: Suites }).SUITES;
  } finally {
    await rm(outfile);
  }
}
