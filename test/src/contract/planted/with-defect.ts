import { readdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildContext, context, type Plugin } from 'esbuild';
import type { Planted, Suites } from './planted.js';

/** From test/dist/contract/planted. */
const ROOT = path.join(import.meta.dirname, '../../../..');
const HERE = path.join(ROOT, 'test/src/contract/planted');

/** Where the sources of each package are that may have a defect, or is above one that has. */
const SOURCES: ReadonlyMap<string, string> = new Map(
  [
    ...['core', 'testkit', 'schedulers', 'syscalls', 'devices'],
    ...readdirSync(ROOT).filter((name) => name.startsWith('arch-')),
    ...readdirSync(path.join(ROOT, 'consumers')).map((name) => `consumers/${name}`),
  ].map((directory) => [`@hwbp/${path.basename(directory)}`, path.join(ROOT, directory, 'src/index.ts')]),
);

/** The text with the defect. Throws for one that does not stand there, once. */
function plant(text: string, { name, file, from, to }: Planted): string {
  const parts = text.split(from);
  if (parts.length !== 2) {
    throw new Error(`'${name}': ${file} has ${parts.length - 1} times, not once: ${from}`);
  }
  return parts.join(to);
}

/** The package that a defect is in. */
function packageOf({ file }: Planted): string {
  return `@hwbp/${path.basename(file.split('/src/')[0] ?? '')}`;
}

/** The packages whose sources are bundled: of what does not depend on the defect, the built one will do. */
function bundledWith(planted: string): Readonly<Record<string, string>> {
  const wanted = planted === '@hwbp/core' ? [...SOURCES.keys()] : [planted];
  return Object.fromEntries(wanted.map((name) => [name, SOURCES.get(name) ?? name]));
}

/** Names as an expression of esbuild's. */
function endingIn(files: readonly string[]): RegExp {
  return new RegExp(`(?:${files.map((file) => file.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})$`);
}

/** Reads the files that defects are in, of which one has the defect that `defect` returns. */
function planting(files: readonly string[], defect: () => Planted): Plugin {
  return {
    name: 'planted',
    setup({ onLoad }) {
      onLoad({ filter: endingIn(files) }, async ({ path: file }) =>
        file === path.join(ROOT, defect().file)
          ? { contents: plant(await readFile(file, 'utf8'), defect()), loader: 'ts' }
          : undefined,
      );
    },
  };
}

/**
 * Bundles the suites of a kind with the sources of a package, again and again: only what has changed is parsed anew.
 */
class Bundler {
  readonly #key: string;
  readonly #outfile = path.join(import.meta.dirname, `bundle-${crypto.randomUUID()}.mjs`);
  readonly #context: Promise<BuildContext>;
  #defect: Planted;

  constructor(defect: Planted, all: readonly Planted[]) {
    this.#defect = defect;
    this.#key = keyOf(defect);
    const files = new Set(all.filter((one) => keyOf(one) === this.#key).map(({ file }) => file));
    this.#context = context({
      entryPoints: [path.join(HERE, `${defect.kind}-suites.ts`)],
      outfile: this.#outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      tsconfig: path.join(ROOT, 'tsconfig.base.json'),
      alias: bundledWith(packageOf(defect)),
      external: ['@hwbp/*', 'tsyringe', 'fast-check', 'fzstd'],
      logLevel: 'silent',
      plugins: [planting([...files], () => this.#defect)],
    });
  }

  serves(defect: Planted): boolean {
    return this.#key === keyOf(defect);
  }

  async bundle(defect: Planted): Promise<Suites> {
    this.#defect = defect;
    await (await this.#context).rebuild();
    try {
      // Each is a module of its own.
      const url = `${pathToFileURL(this.#outfile).href}?${crypto.randomUUID()}`;
      return ((await import(url)) as { readonly SUITES: Suites }).SUITES;
    } finally {
      await rm(this.#outfile);
    }
  }

  async dispose(): Promise<void> {
    await (await this.#context).dispose();
  }
}

/** Defects that one bundler can plant. */
function keyOf(defect: Planted): string {
  return `${defect.kind} ${packageOf(defect)}`;
}

/** Plants these defects, one at a time, and quickest those of one package in a row. */
export class Planting {
  readonly #all: readonly Planted[];
  #bundler: Bundler | undefined;

  constructor(all: readonly Planted[]) {
    this.#all = all;
  }

  /** The suites, with one of the defects below them. */
  async suitesWith(defect: Planted): Promise<Suites> {
    if (this.#bundler?.serves(defect) !== true) {
      await this.end();
      this.#bundler = new Bundler(defect, this.#all);
    }
    return await this.#bundler.bundle(defect);
  }

  async end(): Promise<void> {
    await this.#bundler?.dispose();
    this.#bundler = undefined;
  }
}
