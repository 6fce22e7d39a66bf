import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ROOT } from '../replay/run-cli.js';

const PLAYGROUND = path.join(ROOT, 'playground');
/** Where the page is built. */
export const SITE = path.join(PLAYGROUND, 'dist/site');
/** In it: what it was built of. Whoever builds it otherwise takes that away. */
const BUILT = path.join(SITE, '.built');
/** The process that builds it. */
const LOCK = path.join(PLAYGROUND, 'dist/site.lock');
/** Milliseconds between two looks at the lock. */
const PATIENCE = 100;

/**
 * Builds the page, unless it was built of the same files: test files run at the same time, and none may take away what
 * another one serves.
 */
export async function buildSite(): Promise<void> {
  mkdirSync(path.dirname(LOCK), { recursive: true });
  while (!locked()) await setTimeout(PATIENCE);
  try {
    const wanted = inputs();
    if (existsSync(BUILT) && readFileSync(BUILT, 'utf8') === wanted) return;
    await promisify(execFile)('npm', ['run', '--silent', 'build', '--workspace', 'playground'], { cwd: ROOT });
    writeFileSync(BUILT, wanted);
  } finally {
    rmSync(LOCK);
  }
}

/** Tries to have the lock. One whose process is no more is taken away. */
function locked(): boolean {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  try {
    process.kill(Number(readFileSync(LOCK, 'utf8')), 0);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') rmSync(LOCK, { force: true });
    else if (code !== 'ENOENT') throw error;
  }
  return false;
}

/** What it is built of: the page's own files, and what the packages were compiled to. */
function inputs(): string {
  const packages = path.join(ROOT, 'node_modules/@hwbp');
  const compiled = readdirSync(packages)
    .filter((name) => name !== 'test' && name !== 'playground')
    .map((name) => path.join(packages, name, 'dist'));
  const own = ['src', 'public', 'index.html', 'vite.config.ts'].map((name) => path.join(PLAYGROUND, name));
  const hash = createHash('sha256');
  const add = (file: string): void => {
    const stats = statSync(file);
    if (stats.isDirectory()) for (const name of readdirSync(file)) add(path.join(file, name));
    else hash.update(`${file} ${stats.size} ${stats.mtimeMs}\n`);
  };
  for (const file of [...own, ...compiled, path.join(ROOT, 'package-lock.json')]) if (existsSync(file)) add(file);
  return hash.digest('hex');
}
