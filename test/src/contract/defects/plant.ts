import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ts } from 'ts-morph';
import type { Defect } from './defect.js';

/** The repository's root, from test/dist/contract/defects. */
const ROOT = path.join(import.meta.dirname, '../../../..');
const CORE = path.join(ROOT, 'core/dist');

/** A directory that a copy of a backend is made of: where its sources are, and what was built of them. */
interface Part {
  readonly sources: string;
  readonly built: string;
}

/** What core has for backends is copied with them: a defect may be there. */
const CORE_PART: Part = { sources: 'core/src/arch', built: 'core/dist/arch' };

const COMPILER = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  experimentalDecorators: true,
  verbatimModuleSyntax: true,
};

/** A source with a defect in it. Throws if what it stands in place of is not there, once. */
function changed(source: string, { name, file, changes }: Defect): string {
  return changes.reduce((text, [from, to]) => {
    const parts = text.split(from);
    if (parts.length === 2) return parts.join(to);
    const found = parts.length - 1;
    throw new Error(`'${name}' cannot be planted: ${file} has ${found} times "${from}"; plant it in what it has now`);
  }, source);
}

/** A built file that imports what is beside it in the copy, and the rest from where it is. */
function moved(text: string, at: string, file: string): string {
  const up = path.posix.relative(path.posix.dirname(path.posix.join(at, file)), 'core.js');
  const core = pathToFileURL(CORE).href;
  return text
    .replaceAll("from '@hwbp/core'", `from '${up}'`)
    .replaceAll("from '../", at === 'arch' ? `from '${core}/` : "from '../");
}

const built = new Map<string, Promise<ReadonlyMap<string, string>>>();

/** The built files of a part, by name, as a copy has them. */
function filesOf(part: Part, at: string): Promise<ReadonlyMap<string, string>> {
  const known = built.get(part.built) ?? read(part, at);
  built.set(part.built, known);
  return known;
}

async function read(part: Part, at: string): Promise<ReadonlyMap<string, string>> {
  const directory = path.join(ROOT, part.built);
  const names = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.js'));
  const texts = names.map(async (name): Promise<[string, string]> => {
    return [name, moved(await readFile(path.join(directory, name), 'utf8'), at, name)];
  });
  return new Map(await Promise.all(texts));
}

/** Core, but for its room for backends, which is the copy's own. */
async function shim(): Promise<string> {
  const room = await import(pathToFileURL(path.join(CORE, 'arch/index.js')).href);
  const core = pathToFileURL(path.join(CORE, 'index.js')).href;
  const own = Object.keys(room as object).join(', ');
  return `export * from '${core}';\nexport { ${own} } from './arch/index.js';\n`;
}

/**
 * Calls `use` with a module of a backend that is built like the original, but for one defect: in the backend
 * (`backend/...`), or in what core has for all of them (`arch/...`).
 */
export async function planted<Module>(
  backend: Part,
  defect: Defect,
  entry: string,
  use: (module: Module) => void | Promise<void>,
): Promise<void> {
  const parts = { arch: CORE_PART, backend };
  const [at, ...rest] = defect.file.split('/');
  const file = rest.join('/');
  const { sources } = at === 'arch' ? CORE_PART : backend;
  const source = changed(await readFile(path.join(ROOT, sources, file), 'utf8'), defect);
  const { outputText } = ts.transpileModule(source, { compilerOptions: COMPILER });
  // Inside of the repository, so that the packages that it imports are found.
  const copy = path.join(ROOT, 'test/dist/planted', crypto.randomUUID());
  try {
    const texts = new Map<string, string>([['core.js', await shim()]]);
    for (const [name, part] of Object.entries(parts)) {
      for (const [own, text] of await filesOf(part, name)) texts.set(`${name}/${own}`, text);
    }
    const wrong = file.replace(/\.ts$/, '.js');
    texts.set(`${at}/${wrong}`, moved(outputText, at ?? '', wrong));
    for (const [name, text] of texts) {
      const target = path.join(copy, name);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, text);
    }
    await use((await import(pathToFileURL(path.join(copy, 'backend', entry)).href)) as Module);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
