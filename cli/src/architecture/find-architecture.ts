import { usageError } from '../errors.js';
import { nearest } from '../replay/nearest.js';
import type { KnownArchitecture } from './architecture.js';
import { ARCHITECTURES } from './known-architectures.js';
import { loadArchitecture } from './load-architecture.js';
import { isPath, locateModule } from './locate-module.js';

/** What `--arch` takes, for help texts. */
export const ARCHITECTURE_NAMES = `${Object.keys(ARCHITECTURES).join(', ')}, or a package or a path`;

/** What `--cpu` takes, for help texts. */
export const CPU_NAMES = Object.entries(ARCHITECTURES)
  .filter(([, { cpus }]) => cpus.length > 0)
  .map(([name, { cpus, usual }]) => `of ${name}: ${cpus.join(', ')}; default ${usual}`)
  .join('; ');

/**
 * The architecture of a name, on a CPU: one that is known, or one that a package or a file of the user's exports.
 * Throws a usage error that says what there is.
 */
export async function findArchitecture(name: string, cpu?: string): Promise<KnownArchitecture> {
  const known = Object.hasOwn(ARCHITECTURES, name) ? ARCHITECTURES[name] : undefined;
  if (known === undefined) {
    const found = await loadArchitecture(name, await locate(name));
    if (cpu !== undefined)
      throw usageError(
        `--cpu ${cpu}: ${name} has no CPUs to choose from`,
        'leave --cpu out, and let the module export the CPU that is meant',
      );
    return found;
  }
  if (cpu === undefined || known.cpus.includes(cpu)) return known.on(cpu);
  if (known.cpus.length === 0) throw usageError(`--cpu ${cpu}: ${name} has no CPUs to choose from`, 'leave --cpu out');
  throw usageError(`${name} has no CPU '${cpu}'`, `known: ${known.cpus.join(', ')}`);
}

async function locate(name: string): Promise<string> {
  const file = await locateModule(name);
  if (file !== undefined) return file;
  const known = Object.keys(ARCHITECTURES);
  const [meant] = nearest(name, known);
  throw usageError(
    isPath(name)
      ? `there is no module ${name} that could export an architecture; the current directory is ${process.cwd()}`
      : `there is no architecture '${name}', and no package of that name can be found from ${process.cwd()}`,
    `${meant === undefined ? '' : `did you mean ${meant}? `}known: ${known.join(', ')}, or a package or a path to a module that exports an architecture`,
  );
}
