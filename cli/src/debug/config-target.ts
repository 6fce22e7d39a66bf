import type { Kernel, KernelConfig } from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { composeConfig, loadConfig, reportOf, runOf } from '../config/load-config.js';
import type { LoadedProgram } from '../replay/place-program.js';
import { SymbolFile } from '../symbol-file/symbol-file.js';
import type { DebugTarget } from './target.js';

/** The kernel of a config. */
export class ConfigTarget implements DebugTarget {
  readonly kernel: Kernel;
  readonly debuggable: Kgdb;
  readonly program: LoadedProgram | undefined;
  readonly threads: DebugTarget['threads'];
  readonly systemCalls = true;
  readonly code: DebugTarget['code'];
  readonly banner: DebugTarget['banner'];
  readonly #file: string;
  readonly #config: KernelConfig;

  private constructor(file: string, config: KernelConfig, kernel: Kernel, program: LoadedProgram | undefined) {
    this.kernel = kernel;
    this.debuggable = kernel.get(Kgdb);
    this.program = program;
    this.threads = config.threads;
    this.banner = [
      ['config', file],
      ['tasks', [...kernel.machine.tasks.values()].join(', ') || 'none'],
    ];
    this.code = runOf(file);
    this.#file = file;
    this.#config = config;
  }

  /** `args`: what stands behind `--` on the command line. */
  static async open(file: string, args: readonly string[], program: LoadedProgram | undefined): Promise<ConfigTarget> {
    const config = await loadConfig(file, args);
    return new ConfigTarget(file, config, await composeConfig(file, config, [Kgdb]), program);
  }

  symbolFile(): SymbolFile | undefined {
    return SymbolFile.write(this.kernel);
  }

  async feed(): Promise<boolean> {
    return false;
  }

  report(): Promise<string | undefined> {
    return reportOf(this.#file, this.#config, this.kernel, undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kernel.dispose();
  }
}
