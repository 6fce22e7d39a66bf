import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliError } from '../errors.js';
import { tell } from '../tell.js';

/** What somebody's config does, and how it is told that it failed. */
export interface UserCode {
  /** The config, or a module, as the user has named it. */
  readonly file: string;
  /** Where it lies, if what the user has named is no path: a package. */
  readonly path?: string;
  /** Such as `setup`. */
  readonly part: string;
  /** What to say of an error: `setup threw`. */
  readonly threw: string;
  /** Exit code if it fails. */
  readonly exitCode: number;
  /** The folder of it, if it runs among code of others: what does not come out of there is not its fault. */
  readonly folder?: string;
}

/**
 * Runs code of a config, or of a module. What it throws, later too, that it ends the process, or never gets done, is
 * the user's fault: a CLI error that names the file and, where that is known, the line.
 */
export async function userCode<T>(code: UserCode, act: () => T | PromiseLike<T>): Promise<T> {
  const { file, part, threw, exitCode } = code;
  const fault = (error: unknown): unknown => {
    if (error instanceof CliError || !isFaultOf(error, code)) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new CliError(exitCode, `${file}: ${threw}: ${message}${placeOf(error, code)}`.split('\n'));
  };
  const uncaught = (error: unknown): void => process.exit(tell(fault(error)));
  const exited = (): void => {
    const caller = callerOfExit();
    if (caller === undefined) return;
    const place = placeOf({ stack: caller }, code);
    tell(new CliError(exitCode, `${file}: ${part} called process.exit${place}`, 'throw an error instead'));
    process.exitCode = exitCode;
  };
  let idle = (): void => {};
  const never = new Promise<never>((_, reject) => {
    idle = () =>
      reject(
        new CliError(
          exitCode,
          `${file}: ${part} never got done: it awaits something that nothing in this process will bring about`,
        ),
      );
  });
  process.on('uncaughtException', uncaught).on('exit', exited).once('beforeExit', idle);
  try {
    return await Promise.race([act(), never]);
  } catch (error) {
    throw fault(error);
  } finally {
    process.off('uncaughtException', uncaught).off('exit', exited).off('beforeExit', idle);
  }
}

/** Frames of a stack that are asked for. */
const FRAMES = 50;
/** The folder of this command's own code. */
const OWN = path.resolve(import.meta.dirname, '..');
/** Folders of code that is nobody's but this project's. */
const OURS: readonly string[] = [OWN, path.dirname(fileURLToPath(import.meta.resolve('@hwbp/core')))];

/** The stack behind `process.exit`, if it was called by somebody else than this command. */
function callerOfExit(): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  const frames = (new Error().stack ?? '').split('\n');
  Error.stackTraceLimit = limit;
  const exit = frames.findLastIndex((frame) => /^\s*at (?:process\.)?exit\b.*node:internal/.test(frame));
  const callers = frames.slice(exit + 1);
  return exit < 0 || callers[0] === undefined || fileOf(callers[0])?.file.startsWith(OWN)
    ? undefined
    : callers.join('\n');
}

interface Place {
  readonly file: string;
  /** `line:column`. */
  readonly at: string;
}

function placesIn(error: unknown): readonly Place[] {
  const { stack } = (error ?? {}) as { stack?: unknown };
  if (typeof stack !== 'string') return [];
  return stack
    .split('\n')
    .map(fileOf)
    .filter((place) => place !== undefined);
}

/** ` (file:line:column)`: where in the config, or else in what it imports; empty if that is not known. */
export function placeOf(error: unknown, code: Pick<UserCode, 'file' | 'path' | 'folder'>): string {
  const absolute = path.resolve(code.path ?? code.file);
  const places = placesIn(error);
  const own = places.find(({ file }) => file === absolute);
  if (own !== undefined) return ` (${code.path === undefined ? code.file : path.relative('', absolute)}:${own.at})`;
  const other = places.find((place) => isIn(code.folder ?? path.parse(absolute).root, place));
  return other === undefined ? '' : ` (${path.relative('', other.file)}:${other.at})`;
}

/** False for what the code has no part in: it was not about to do anything when this was thrown. */
function isFaultOf(error: unknown, { folder }: UserCode): boolean {
  return folder === undefined || !(error instanceof Error) || placesIn(error).some((place) => isIn(folder, place));
}

/** True for a file below a folder that is neither of this project nor of a package inside. */
function isIn(folder: string, { file }: Place): boolean {
  if (OURS.some((ours) => file.startsWith(ours))) return false;
  const steps = path.relative(folder, file).split(path.sep);
  return steps[0] !== '..' && !steps.includes('node_modules');
}

function fileOf(frame: string): Place | undefined {
  const [, url = '', at = ''] = /^\s+at (?:.*\()?(?:async )?((?:file:\/\/)?\/.*?):(\d+:\d+)\)?$/.exec(frame) ?? [];
  if (url === '') return undefined;
  return { file: url.startsWith('file:') ? fileURLToPath(url) : url, at };
}
