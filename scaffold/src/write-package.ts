import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { AnswerError } from './answer-error.js';
import { type Repository, withReference } from './repository.js';

/** Text of files by their paths inside a package. */
export type Files = Readonly<Record<string, string>>;

/** Throws an `AnswerError` for a folder that somebody has put something into. */
export function checkFree(directory: string): void {
  if (!existsSync(directory)) return;
  if (!statSync(directory).isDirectory()) {
    throw new AnswerError(`${directory} is a file: name another folder with --dir`);
  }
  if (readdirSync(directory).length > 0) {
    throw new AnswerError(`${directory} is not empty: name another folder with --dir, or empty it`);
  }
}

/**
 * Writes a package as a whole: into a folder beside its place first, which then takes that place. In a repository, its
 * root `tsconfig.json` gets a reference to the package. If anything fails, nothing is left.
 */
export function writePackage(directory: string, files: Files, repository: Repository | undefined): void {
  checkFree(directory);
  const parent = path.dirname(directory);
  const made = mkdirSync(parent, { recursive: true });
  const existed = existsSync(directory);
  const draft = mkdtempSync(path.join(parent, '.create-'));
  try {
    for (const [file, text] of Object.entries(files)) {
      const target = path.join(draft, file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
    if (existed) rmdirSync(directory);
    renameSync(draft, directory);
    if (repository !== undefined) addReference(directory, repository);
  } catch (error) {
    for (const left of [draft, directory]) rmSync(left, { recursive: true, force: true });
    if (existed) mkdirSync(directory);
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
    throw error;
  }
}

function addReference(directory: string, { root }: Repository): void {
  const config = path.join(root, 'tsconfig.json');
  const reference = path.relative(root, directory).split(path.sep).join('/');
  const draft = `${config}.new`;
  writeFileSync(draft, withReference(readFileSync(config, 'utf8'), reference));
  renameSync(draft, config);
}
