import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isConfig } from '../config/config-name.js';
import { userModules } from '../config/user-module.js';

/** A file that need not be there: names are resolved from its folder. */
const ANY = 'any.js';

/** True for what is written as a path, and is no name of a package. */
export function isPath(name: string): boolean {
  return /^\.{0,2}[\\/]|^\.{1,2}$/.test(name) || path.isAbsolute(name) || isConfig(name);
}

/** The file that a package, a folder of one, or a path means in the current directory; `undefined` if there is none. */
export async function locateModule(name: string): Promise<string | undefined> {
  if (!isPath(name)) return await resolveFrom(process.cwd(), name);
  const file = path.resolve(name);
  if (!existsSync(file)) return undefined;
  return statSync(file).isDirectory() ? await entryOf(file) : file;
}

/** The file that a name means to the modules of a folder. */
export async function resolveFrom(folder: string, name: string): Promise<string | undefined> {
  const from = path.join(folder, ANY);
  const url = (await userModules(from)).esmResolve(name, { try: true, parentURL: pathToFileURL(from) });
  if (url === undefined || !url.startsWith('file:')) return undefined;
  const file = fileURLToPath(url);
  return existsSync(file) ? realpathSync(file) : undefined;
}

/** The entry of the package in a folder: by its `exports` as its own modules import it, or by its `main`. */
async function entryOf(folder: string): Promise<string | undefined> {
  const manifest = path.join(folder, 'package.json');
  const { name } = existsSync(manifest)
    ? (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly name?: unknown })
    : { name: undefined };
  const own = typeof name === 'string' ? await resolveFrom(folder, name) : undefined;
  if (own !== undefined) return own;
  try {
    return createRequire(path.join(folder, ANY)).resolve('./');
  } catch {
    return undefined;
  }
}

/** The folder of the package that a file is part of; its own folder if it is of none. */
export function packageFolder(file: string): string {
  for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder))
    if (existsSync(path.join(folder, 'package.json'))) return folder;
  return path.dirname(file);
}
