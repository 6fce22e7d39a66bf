import { type CliError, runError } from '../errors.js';

/** zlib's word for data that is not there yet. */
const ENDS_EARLY = 'Z_BUF_ERROR';

/**
 * What to say of compressed data that zlib, as Node names its errors, could not unpack; `undefined` for no such code.
 */
export function gzipError(name: string, code: unknown): CliError | undefined {
  if (code === ENDS_EARLY)
    return runError(`the gzip data of ${name} ends early`, 'the file was cut short: record or copy it again');
  if (typeof code !== 'string' || !code.startsWith('Z_')) return undefined;
  return runError(`the gzip data of ${name} is damaged (${code})`, `copy the file again; gzip -t ${name} checks it`);
}
