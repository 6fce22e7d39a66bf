import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ts } from 'ts-morph';
import type { Defect } from './defect.js';

/** The repository's root, from test/dist/contract/defects. */
const ROOT = path.join(import.meta.dirname, '../../../..');

/** Where the sources of a backend are, and what was built of them. */
export interface Place {
  readonly sources: string;
  readonly built: string;
}

/** A source with a defect in it. Throws if what it stands in place of is not there, once. */
function changed(source: string, { name, file, changes }: Defect): string {
  return changes.reduce((text, [from, to]) => {
    const parts = text.split(from);
    if (parts.length === 2) return parts.join(to);
    const found = parts.length - 1;
    throw new Error(`'${name}' cannot be planted: ${file} has ${found} times "${from}"; plant it in what it has now`);
  }, source);
}

/** Calls `use` with a module of a backend that is built like the original, but for one defect. */
export async function planted<Module>(
  { sources, built }: Place,
  defect: Defect,
  entry: string,
  use: (module: Module) => void | Promise<void>,
): Promise<void> {
  const source = await readFile(path.join(ROOT, sources, defect.file), 'utf8');
  const text = changed(source, defect);
  const { target, module, experimentalDecorators } = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    experimentalDecorators: true,
  };
  const compilerOptions = { target, module, experimentalDecorators, verbatimModuleSyntax: true };
  const { outputText } = ts.transpileModule(text, { compilerOptions });
  // Inside of the repository, so that the packages that it imports are found.
  const copy = path.join(ROOT, 'test/dist/planted', `${path.basename(path.dirname(built))}-${crypto.randomUUID()}`);
  await mkdir(copy, { recursive: true });
  try {
    await cp(path.join(ROOT, built), copy, { recursive: true, filter: (from) => !/\.(map|d\.ts)$/.test(from) });
    await writeFile(path.join(copy, defect.file.replace(/\.ts$/, '.js')), outputText);
    await use((await import(pathToFileURL(path.join(copy, entry)).href)) as Module);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
