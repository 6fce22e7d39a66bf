import { readFileSync } from 'node:fs';
import { TERMINAL } from './ask.js';
import { type Initializer, runInitializer } from './initializer.js';

/** What the `package.json` of an initializer says. */
interface OwnManifest {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** An initializer's manifest. What the packages that it makes are built with, it has as devDependencies itself. */
export function ownManifest(manifest: URL): OwnManifest {
  return JSON.parse(readFileSync(manifest, 'utf8')) as OwnManifest;
}

/** Runs an initializer with the process's own arguments, folder and terminal. */
export async function runOnProcess(initializer: Initializer): Promise<void> {
  process.exitCode = await runInitializer(initializer, process.argv.slice(2), {
    cwd: process.cwd(),
    terminal: process.stdin.isTTY && process.stdout.isTTY ? TERMINAL : undefined,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
}
