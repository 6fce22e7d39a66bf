import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';

interface Manifest {
  name: string;
  private?: boolean;
  license?: string;
  engines?: { node?: string };
  exports?: Record<string, string | { types?: string; default?: string }>;
}

// From test/dist/structure.
const root = path.join(import.meta.dirname, '../../..');
const readJson = <T>(...segments: string[]): T => JSON.parse(readFileSync(path.join(root, ...segments), 'utf8')) as T;

/** npm's workspace patterns, of which we use `name`, `prefix-*` and `folder/*`. */
const directories = readJson<{ workspaces: string[] }>('package.json').workspaces.flatMap((pattern) => {
  const parent = path.dirname(pattern);
  const [prefix = '', suffix] = path.basename(pattern).split('*');
  return readdirSync(path.join(root, parent))
    .filter((name) => (suffix === undefined ? name === prefix : name.startsWith(prefix)))
    .map((name) => path.posix.join(parent, name))
    .filter((directory) => existsSync(path.join(root, directory, 'package.json')));
});

const packages = directories.map((directory) => ({
  directory,
  manifest: readJson<Manifest>(directory, 'package.json'),
}));

test('every workspace is built: the root tsconfig.json references it', (t) => {
  const { references } = readJson<{ references: { path: string }[] }>('tsconfig.json');
  t.deepEqual(references.map((reference) => reference.path).sort(), [...directories].sort());
});

for (const { directory, manifest } of packages.filter((candidate) => !candidate.manifest.private)) {
  test(`${manifest.name} is fit to publish: license, engines, typed exports, README`, (t) => {
    t.is(manifest.license, 'MIT');
    t.is(manifest.engines?.node, '>=20.19');
    t.true(existsSync(path.join(root, directory, 'README.md')), `${directory}/README.md is missing`);
    t.is(
      readFileSync(path.join(root, directory, 'LICENSE'), 'utf8'),
      readFileSync(path.join(root, 'LICENSE'), 'utf8'),
      `copy LICENSE into ${directory}`,
    );
    const entries = Object.entries(manifest.exports ?? {}).filter(([key]) => key !== './package.json');
    t.not(entries.length, 0, `${directory}/package.json exports nothing`);
    for (const [key, entry] of entries) {
      t.true(typeof entry === 'object' && entry.types !== undefined, `exports["${key}"] has no types`);
      if (typeof entry !== 'object') continue;
      t.is(Object.keys(entry)[0], 'types', `exports["${key}"]: types come first, or they are not found`);
      for (const file of [entry.types, entry.default]) {
        t.true(
          existsSync(path.join(root, directory, file ?? '')),
          `exports["${key}"] names ${file}, which is not built`,
        );
      }
    }
  });
}
