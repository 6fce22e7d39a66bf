import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { onExit } from 'signal-exit';
import { OutputFileError } from './output-file-error.js';
import { checkPlace, identity, type Place } from './output-place.js';

/** What an output may be. */
export interface OutputFileOptions {
  /** What is read meanwhile, `-` for standard input: no output takes the place of one. */
  readonly inputs?: readonly string[];
  /** The output is written at positions too, which a pipe or a terminal cannot be: those are refused. */
  readonly seeks?: boolean;
  /** Permissions of a file that was not there before, less the umask; default 0o666. */
  readonly mode?: number;
}

/**
 * A file that takes its name once it is whole: until then, and if it never is, an older one of that name keeps it.
 *
 * Until then it has a name that nobody can guess and that was nobody's, in the same directory, which goes if the
 * process ends first, by a signal too. It has the permissions of the file whose place it takes. What is at the end of a
 * symbolic link is never written. Pipes, terminals and the like are written in place, and keep being what they are.
 */
export class OutputFile implements Disposable {
  readonly #path: string;
  readonly #place: Place;
  readonly #partial: string | undefined;
  readonly #forget: () => void;
  #descriptor: number | undefined;
  #size = 0;

  /** Throws an `OutputFileError` that was `refused` if it cannot be made: then nothing has changed. */
  constructor(file: string, { inputs = [], seeks = false, mode = 0o666 }: OutputFileOptions = {}) {
    this.#path = file;
    this.#place = checkPlace(file, inputs, seeks);
    const { stats, inPlace } = this.#place;
    this.#partial = inPlace ? undefined : path.join(path.dirname(file), `.hwbp-${randomBytes(12).toString('hex')}`);
    this.#forget = onExit(() => this.#remove(), { alwaysLast: true });
    try {
      if (this.#partial === undefined) {
        this.#descriptor = openSync(file, constants.O_WRONLY | constants.O_NOCTTY);
        this.#sameDevice(this.#descriptor, stats);
        return;
      }
      if (stats !== undefined) accessSync(file, constants.W_OK);
      this.#descriptor = openSync(this.#partial, 'wx', stats === undefined ? mode : stats.mode & 0o777);
      if (stats !== undefined) keepOwnerAndMode(this.#descriptor, stats);
    } catch (error) {
      this[Symbol.dispose]();
      throw error instanceof OutputFileError ? error : new OutputFileError(file, (error as Error).message, true);
    }
  }

  /** Bytes written one after the other. */
  get size(): number {
    return this.#size;
  }

  /** Appends bytes, or writes over those at a position. Throws an `OutputFileError`. */
  write(bytes: Uint8Array, position?: number): void {
    if (this.#descriptor === undefined) throw new TypeError('the file is closed');
    try {
      for (let at = 0; at < bytes.length; ) {
        const where = position === undefined ? null : position + at;
        at += writeSync(this.#descriptor, bytes, at, bytes.length - at, where);
      }
    } catch (error) {
      throw new OutputFileError(this.#path, (error as Error).message);
    }
    if (position === undefined) this.#size += bytes.length;
  }

  /** It is whole: it takes its name. Throws an `OutputFileError`, and then it does not. */
  finish(): void {
    if (this.#descriptor === undefined) throw new TypeError('the file is closed');
    try {
      if (this.#partial !== undefined) {
        fsyncSync(this.#descriptor);
        // Something else may have come there meanwhile: that is no file to replace.
        checkPlace(this.#path, [], true);
        renameSync(this.#partial, this.#path);
      }
      this.#close();
    } catch (error) {
      if (error instanceof OutputFileError) throw new OutputFileError(this.#path, error.complaint);
      throw new OutputFileError(this.#path, (error as Error).message);
    } finally {
      this[Symbol.dispose]();
    }
  }

  /** Takes away what was not finished. */
  [Symbol.dispose](): void {
    this.#forget();
    this.#remove();
  }

  #remove(): void {
    if (this.#descriptor === undefined) return;
    this.#close();
    // After `finish` the name is gone.
    if (this.#partial !== undefined) rmSync(this.#partial, { force: true });
  }

  #close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** Between the look at it and its opening something else may have come there. */
  #sameDevice(descriptor: number, looked: Stats | undefined): void {
    const stats = fstatSync(descriptor);
    if (looked === undefined || identity(stats) !== identity(looked))
      throw new OutputFileError(this.#path, 'something else has just taken its place', true);
  }
}

/** Only root may give files away: others keep what they make. */
function keepOwnerAndMode(descriptor: number, { uid, gid, mode }: Stats): void {
  const made = fstatSync(descriptor);
  if (made.uid !== uid || made.gid !== gid) {
    try {
      fchownSync(descriptor, uid, gid);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    }
  }
  fchmodSync(descriptor, mode & 0o777);
}
