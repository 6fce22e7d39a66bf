import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The repository of hwbp: its packages live in one workspace. */
export interface Repository {
  readonly root: string;
}

/** The repository that a folder lies in, if it lies in one. */
export function repositoryOf(folder: string): Repository | undefined {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (isRoot(at)) return { root: at };
    if (at === path.dirname(at)) return undefined;
  }
}

function isRoot(folder: string): boolean {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const { name, workspaces } = (manifest ?? {}) as { name?: unknown; workspaces?: unknown };
    return name === 'hwbp' && Array.isArray(workspaces) && workspaces.includes('core');
  } catch {
    return false;
  }
}

/** Text of a `tsconfig.json` with one more reference, behind the last one that begins alike. */
export function withReference(text: string, directory: string): string {
  const config = JSON.parse(text) as { references?: { path: string }[] };
  const references = config.references ?? [];
  if (references.some((reference) => reference.path === directory)) return text;
  const family = /^(.*[-/])/.exec(directory)?.[1] ?? directory;
  const last = references.findLastIndex((reference) => reference.path.startsWith(family));
  references.splice(last < 0 ? references.length : last + 1, 0, { path: directory });
  return `${JSON.stringify({ ...config, references }, undefined, 2)}\n`;
}
