import { realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type UserCode, userCode } from '../config/user-code.js';
import { userModules } from '../config/user-module.js';
import { EXIT_RUN, EXIT_USAGE, usageError } from '../errors.js';
import type { FacetUse, KnownArchitecture } from './architecture.js';
import { exportedArchitecture } from './exported-architecture.js';
import { isPath, packageFolder, resolveFrom } from './locate-module.js';

/**
 * The architecture that the user's module exports. `name`: as the user has named it; `file`: what that means. Throws a
 * usage error for a module that exports none, with the file and the line of what goes wrong in it.
 */
export async function loadArchitecture(name: string, file: string): Promise<KnownArchitecture> {
  const shown = isPath(name) ? path.relative('', file) : name;
  await expectOurCore(shown, file);
  const module = { file: shown, path: file, part: 'the architecture' };
  const loading: UserCode = { ...module, threw: 'it cannot be loaded', exitCode: EXIT_USAGE };
  return await userCode(loading, async () => {
    const exports: unknown = await (await userModules(file)).import(file);
    const create = exportedArchitecture(shown, exports);
    const { manifest } = create().backend;
    return {
      create,
      machine: manifest.name,
      cpu: `simulated ${manifest.name}`,
      control: () => undefined,
      facetUse: facetUseOf(shown, exports),
      code: { ...module, threw: 'the architecture failed', exitCode: EXIT_RUN, folder: packageFolder(file) },
    };
  });
}

/** A facet is the same, and an error a kernel's, only where both sides have the same copy of the core. */
async function expectOurCore(shown: string, file: string): Promise<void> {
  const theirs = await resolveFrom(path.dirname(file), '@hwbp/core');
  const ours = realpathSync(fileURLToPath(import.meta.resolve('@hwbp/core')));
  if (theirs === undefined || theirs === ours) return;
  throw usageError(
    [`${shown} imports another copy of @hwbp/core than this command:`, `  ${theirs}`, `  ${ours}`],
    'install the command beside it, npm install --save-dev @hwbp/cli, and use npx hwbp there; npm dedupe makes one of two',
  );
}

/** The export `contract`: what the suite of its facets has to be told. */
function facetUseOf(shown: string, exports: unknown): FacetUse {
  const { contract = {} } = (exports ?? {}) as { readonly contract?: unknown };
  if (typeof contract === 'object' && contract !== null) return contract;
  throw usageError(
    `${shown}: the export 'contract' is ${contract === null ? 'null' : `a ${typeof contract}`}`,
    'it tells what the suite of facets has to know: export const contract = { debugRegisters, writable }',
  );
}
