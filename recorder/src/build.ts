import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { RecorderError } from './recorder-error.js';
import type { Programs } from './recorder-process.js';

// From recorder/dist.
const NATIVE = path.join(import.meta.dirname, '../native');

/** The recorder's programs, built where everybody may execute them: tasks of other users run the worker. */
export class BuiltPrograms implements Programs, Disposable {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Builds them. Throws a RecorderError with what the compiler said. */
  static async build(): Promise<BuiltPrograms> {
    const directory = mkdtempSync(path.join(tmpdir(), 'hwbp-recorder-'));
    const built = new BuiltPrograms(directory);
    try {
      await promisify(execFile)('make', ['--silent', '-C', NATIVE, `OUT=${directory}`]);
      chmodSync(directory, 0o755);
      return built;
    } catch (error) {
      built[Symbol.dispose]();
      const { stderr, message } = error as { stderr?: string; message: string };
      throw new RecorderError(`the recorder cannot be built: ${stderr?.trim() || message}`);
    }
  }

  get record(): string {
    return path.join(this.#directory, 'record');
  }

  get worker(): string {
    return path.join(this.#directory, 'worker');
  }

  [Symbol.dispose](): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
