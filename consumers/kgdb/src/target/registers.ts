import type { TargetDescription } from '@hwbp/core';
import { kgdbError } from '../errors.js';
import type { RegistersPort } from '../rsp/target-port.js';
import type { ThreadModel } from './thread-model.js';

/** The registers of threads, as the architecture describes them. A CPU that idles has none: they read as zeroes. */
export class Registers implements RegistersPort {
  readonly description: TargetDescription;
  readonly #threads: Pick<ThreadModel, 'context'>;
  readonly #changed: (cause: string) => void;

  /** `changed`: told who changed what of the run. */
  constructor(description: TargetDescription, threads: Pick<ThreadModel, 'context'>, changed: (cause: string) => void) {
    this.description = description;
    this.#threads = threads;
    this.#changed = changed;
  }

  read(thread: number, register: number): bigint {
    const context = this.#threads.context(thread);
    return context === undefined ? 0n : this.description.read(context, register);
  }

  write(thread: number, register: number, value: bigint): void {
    const context = this.#threads.context(thread);
    if (context === undefined) {
      throw kgdbError('KGDB_IDLE', `thread ${thread} is a CPU that idles: it has no registers to write`, { thread });
    }
    const before = this.description.read(context, register);
    this.description.write(context, register, value);
    if (this.description.read(context, register) === before) return;
    const { name } = this.description.registers[register] ?? { name: `register ${register}` };
    this.#changed(`a debugger wrote ${name} of thread ${thread}`);
  }
}
