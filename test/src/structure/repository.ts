import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Source } from './source.js';

// From test/dist/structure.
const root = path.join(import.meta.dirname, '../../..');

const PACKAGE =
  /^(core|arch-[^/]+|lackey|locks|schedulers|syscalls|devices|consumers\/[^/]+|conform|testkit|scaffold|create-[^/]+|cli|examples|bench|recorder|test)$/;

/** The TypeScript sources of the packages that are wanted, by their paths from the root. */
export function sourcesOf(wanted: (directory: string) => boolean): Source[] {
  return readdirSync(root)
    .flatMap((name) =>
      name === 'consumers' ? readdirSync(path.join(root, name)).map((consumer) => `${name}/${consumer}`) : [name],
    )
    .filter((directory) => PACKAGE.test(directory) && wanted(directory))
    .flatMap((directory) =>
      readdirSync(path.join(root, directory, 'src'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
        .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/')),
    )
    .map((file) => ({ path: file, text: readFileSync(path.join(root, file), 'utf8') }));
}
