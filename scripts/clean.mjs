// Removes what the build and the docs leave behind, outputs of deleted sources included.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { root, workspaces } from './workspaces.mjs';

for (const directory of [
  ...workspaces.map((workspace) => path.join(workspace.directory, 'dist')),
  path.join(root, 'docs/api'),
]) {
  rmSync(directory, { recursive: true, force: true });
}
