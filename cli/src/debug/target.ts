import type { Kernel } from '@hwbp/core';
import type { Debuggable } from '@hwbp/kgdb';
import type { UserCode } from '../config/user-code.js';
import type { LoadedProgram } from '../replay/place-program.js';
import type { SymbolFile } from '../symbol-file/symbol-file.js';

/** Something that can be debugged. */
export interface DebugTarget extends AsyncDisposable {
  /** Whose registers debuggers get. */
  readonly kernel: Kernel;
  /** What debuggers attach to. */
  readonly debuggable: Debuggable;
  /** What it is, for the banner: a name and what there is to say. */
  readonly banner: readonly (readonly [name: string, text: string])[];
  readonly program: LoadedProgram | undefined;
  /** Code of the user's that runs in it. */
  readonly code: UserCode | undefined;
  readonly threads: 'cpus' | 'tasks' | undefined;
  /** False: what is debugged makes no system calls. */
  readonly systemCalls: boolean;
  /** Writes a file by which gdb knows the kernel's names. Absent: there are none but the program's. */
  symbolFile?(): SymbolFile | undefined;
  /** Gives programs that wait for it their input. False: there is no more. */
  feed(): Promise<boolean>;
  /** What there is to say at the end. */
  report(): string | undefined | Promise<string | undefined>;
  /** Says what makes doubtful what was seen. Throws a run error if more may have happened. */
  conclude?(): void;
}
