import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliError } from '../errors.js';
import { tell } from '../tell.js';

/** What somebody's config does, and how it is told that it failed. */
export interface UserCode {
  /** The config, as the user has named it. */
  readonly file: string;
  /** Such as `setup`. */
  readonly part: string;
  /** What to say of an error: `setup threw`. */
  readonly threw: string;
  /** Exit code if it fails. */
  readonly exitCode: number;
}

/**
 * Runs code of a config. What it throws, later too, that it ends the process, or never gets done, is the user's fault:
 * a CLI error that names the file and, where that is known, the line.
 */
export async function userCode<T>(code: UserCode, act: () => T | PromiseLike<T>): Promise<T> {
  const { file, part, threw, exitCode } = code;
  const fault = (error: unknown): unknown => {
    if (error instanceof CliError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new CliError(exitCode, `${file}: ${threw}: ${message}${placeOf(error, file)}`.split('\n'));
  };
  const uncaught = (error: unknown): void => process.exit(tell(fault(error)));
  const exited = (): void => {
    const caller = callerOfExit();
    if (caller === undefined) return;
    const place = placeOf({ stack: caller }, file);
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

/** ` (file:line:column)`: where in the config, or else in what it imports; empty if that is not known. */
function placeOf(error: unknown, config: string): string {
  const { stack } = (error ?? {}) as { stack?: unknown };
  if (typeof stack !== 'string') return '';
  const absolute = path.resolve(config);
  const places = stack
    .split('\n')
    .map(fileOf)
    .filter((place) => place !== undefined);
  const own = places.find(({ file }) => file === absolute);
  if (own !== undefined) return ` (${config}:${own.at})`;
  const other = places.find(
    ({ file }) => !file.startsWith(OWN) && !file.includes(`${path.sep}node_modules${path.sep}`),
  );
  return other === undefined ? '' : ` (${path.relative('', other.file)}:${other.at})`;
}

function fileOf(frame: string): { readonly file: string; readonly at: string } | undefined {
  const [, url = '', at = ''] = /^\s+at (?:.*\()?(?:async )?((?:file:\/\/)?\/.*?):(\d+:\d+)\)?$/.exec(frame) ?? [];
  if (url === '') return undefined;
  return { file: url.startsWith('file:') ? fileURLToPath(url) : url, at };
}
