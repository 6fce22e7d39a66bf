// Packs each public package as npm would publish it, and lets publint and attw judge the tarball.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { root, workspaces } from './workspaces.mjs';

const run = promisify(execFile);
const shell = process.platform === 'win32';
const bin = (name) => path.join(root, 'node_modules/.bin', name);
const publicPackages = workspaces.filter(({ manifest }) => !manifest.private);

const judges = (tarball) => [
  [bin('publint'), ['run', tarball, '--strict']],
  [bin('attw'), [tarball, '--profile', 'esm-only', '--no-emoji', '--format', 'ascii']],
];

const packed = await mkdtemp(path.join(tmpdir(), 'hwbp-pack-'));
try {
  const { stdout } = await run(
    'npm',
    [
      'pack',
      '--json',
      '--loglevel=error',
      '--ignore-scripts',
      `--pack-destination=${packed}`,
      ...publicPackages.map(({ manifest }) => `--workspace=${manifest.name}`),
    ],
    { cwd: root, shell },
  );
  const tarballs = Object.values(JSON.parse(stdout));
  const verdicts = await Promise.all(
    tarballs.map(async ({ name, filename, files }) => {
      const problems = files.filter((file) => file.path.endsWith('.tsbuildinfo')).map((file) => `packs ${file.path}`);
      for (const [command, args] of judges(path.join(packed, filename))) {
        await run(command, args, { cwd: root, shell }).catch((error) =>
          problems.push(`${path.basename(command)}: ${error.stdout}${error.stderr}`),
        );
      }
      return { name, problems };
    }),
  );
  for (const { name, problems } of verdicts) {
    console.log(`${problems.length === 0 ? 'ok    ' : 'not ok'} ${name}`);
    for (const problem of problems) console.log(problem);
    if (problems.length > 0) process.exitCode = 1;
  }
} finally {
  await rm(packed, { recursive: true, force: true });
}
