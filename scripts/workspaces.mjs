// The workspaces as npm sees them: directory and manifest of each.
import { execFileSync } from 'node:child_process';
import path from 'node:path';

export const root = path.join(import.meta.dirname, '..');

export const workspaces = JSON.parse(
  execFileSync('npm', ['query', '.workspace', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  }),
).map((manifest) => ({ manifest, directory: path.join(root, manifest.location) }));
