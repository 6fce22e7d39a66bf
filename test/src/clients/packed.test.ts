import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { BANK, BANK_TRACE } from '../replay/names.js';
import { ELF, ROOT, TRACE } from '../replay/run-cli.js';

const run = promisify(execFile);

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));

/** Folders of the packages that are published. */
function published(): string[] {
  const { workspaces } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { workspaces: string[] };
  const folders = workspaces.flatMap((pattern) => {
    const [parent = '.', last = ''] = pattern.includes('/') ? pattern.split('/') : ['.', pattern];
    const matches = new RegExp(`^${last.replace('*', '.*')}$`);
    return readdirSync(path.join(ROOT, parent))
      .filter((name) => matches.test(name))
      .map((name) => path.join(ROOT, parent, name));
  });
  return folders.filter((folder) => manifestOf(folder).private !== true);
}

/** Folders of everything else that they need: from here, so that no registry is asked. */
function needed(packages: readonly string[]): string[] {
  const own = new Set(packages.map((folder) => manifestOf(folder).name));
  const found = new Map<string, string>();
  const need = (from: string): void => {
    for (const name of Object.keys(manifestOf(from).dependencies ?? {})) {
      if (own.has(name) || found.has(name)) continue;
      const nested = path.join(from, 'node_modules', name);
      const folder = readable(nested) ? nested : path.join(ROOT, 'node_modules', name);
      found.set(name, folder);
      need(folder);
    }
  };
  for (const folder of packages) need(folder);
  return [...found.values()];
}

function readable(folder: string): boolean {
  try {
    manifestOf(folder);
    return true;
  } catch {
    return false;
  }
}

test('packed packages install from their tarballs in a project of their own, and work there', async (t) => {
  t.timeout(600_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'hwbp-packed-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const tarballs = path.join(folder, 'tarballs');
  mkdirSync(tarballs);
  const packages = published();
  t.true(packages.length > 8, packages.join());
  const others = needed(packages);
  const { stdout } = await run(
    'npm',
    [
      'pack',
      '--json',
      '--ignore-scripts',
      '--pack-destination',
      tarballs,
      ...[...packages, ...others].map((one) => path.resolve(one)),
    ],
    { cwd: ROOT, maxBuffer: 1 << 26 },
  );
  const packed = JSON.parse(stdout) as readonly { name: string; filename: string }[];
  const tarball = new Map(packed.map(({ name, filename }) => [name, `file:tarballs/${filename}`]));
  const project = {
    name: 'somebody-elses',
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(tarball),
    // Nothing comes from a registry: of each name there is the one that was packed.
    overrides: Object.fromEntries([...tarball].map(([name]) => [name, `$${name}`])),
  };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(project));
  await run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  const bin = path.join(folder, 'node_modules/.bin/hwbp');
  t.is((await run(bin, ['--version'], { cwd: folder })).stdout.trim(), manifestOf(path.join(ROOT, 'cli')).version);
  const replay = await run(bin, ['replay', TRACE, '--elf', ELF, '-w', 'vault_total:w', '--json'], {
    cwd: folder,
    maxBuffer: 1 << 26,
  });
  t.is(JSON.parse(replay.stdout.trimEnd().split('\n').at(-1) ?? '').hits, 3513);
  const names = await run(bin, ['replay', BANK_TRACE, '--elf', BANK, '-w', 'bank::last_packet:w', '--json'], {
    cwd: folder,
  });
  t.is(JSON.parse(names.stdout.trimEnd().split('\n').at(-1) ?? '').hits, 1, 'the demangler came with them');
  writeFileSync(
    path.join(folder, 'every.mjs'),
    `${packages.map((one) => `import '${manifestOf(one).name}';\n`).join('')}process.stdout.write('all of them');\n`,
  );
  t.is((await run(process.execPath, ['every.mjs'], { cwd: folder })).stdout, 'all of them');
});
