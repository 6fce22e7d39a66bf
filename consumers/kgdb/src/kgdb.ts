import {
  type ArchManifest,
  type Assembly,
  BREAKPOINTS,
  type Breakpoints,
  CONSOLE,
  type Console,
  type Consumer,
  type ImagePart,
  type ImageValue,
  inject,
  injectable,
  MACHINE,
  MANIFEST,
  type Machine,
  notWritable,
  type PluginManifest,
  ROUTINES,
  type RunResult,
  SYMBOLS,
  SYSTEM_CALL_NUMBERS,
  type SymbolTable,
  type SystemCallNumbers,
  TARGET_DESCRIPTION,
  type TargetDescription,
} from '@hwbp/core';
import type { Debuggable } from './debuggable.js';
import { kgdbError } from './errors.js';
import { KgdbSession, type SessionOptions } from './session.js';
import { KernelTarget } from './target/kernel-target.js';
import type { TargetParts } from './target/parts.js';

/** The kgdb consumer: a GDB attaches to the kernel. It takes nothing until one does; one can at a time. */
@injectable()
export class Kgdb implements Consumer, Debuggable, ImagePart {
  static readonly plugin: PluginManifest = { name: 'kgdb', wants: [SYSTEM_CALL_NUMBERS] };
  readonly #parts: TargetParts;
  readonly #console: Console;
  #started = false;
  #session: KgdbSession | undefined;
  #forget: (() => void) | undefined;

  constructor(
    @inject(MACHINE) machine: Machine,
    @inject(BREAKPOINTS) breakpoints: Breakpoints,
    @inject(MANIFEST) manifest: ArchManifest,
    @inject(SYMBOLS) symbols: SymbolTable,
    @inject(ROUTINES) routines: readonly Assembly[],
    @inject(TARGET_DESCRIPTION) description: TargetDescription,
    @inject(SYSTEM_CALL_NUMBERS) callNumbers: SystemCallNumbers | undefined,
    @inject(CONSOLE) terminal: Console,
  ) {
    this.#console = terminal;
    this.#parts = {
      machine,
      breakpoints,
      manifest,
      symbols,
      texts: routines.map(({ text }) => text),
      description,
      callNumbers,
    };
  }

  start(): void {
    this.#started = true;
    this.#forget ??= this.machine.hibernation.parts.register('kgdb', this);
  }

  /** A debugger is outside of the machine. */
  save(): ImageValue {
    if (this.#session !== undefined) throw notWritable('a debugger is attached to kgdb: let it detach first');
    return null;
  }

  restore(): void {}

  /** A debugger that is attached is cut off. */
  stop(): void {
    this.#started = false;
    this.#session?.close();
    this.#forget?.();
    this.#forget = undefined;
  }

  /** The machine that is debugged: whoever drives it lets it run while no debugger is attached. */
  get machine(): Machine {
    return this.#parts.machine;
  }

  /** Lets the machine run while no debugger is attached. */
  run(budget: number): RunResult {
    return this.machine.run(budget);
  }

  /** True if no task is left. */
  get over(): boolean {
    return this.machine.tasks.size === 0;
  }

  /** Attaches a debugger: the machine stops. Throws EBUSY while another one is attached. */
  attach(options: SessionOptions): KgdbSession {
    if (!this.#started) throw kgdbError('KGDB_STOPPED', 'kgdb was stopped with its kernel; compose a new one');
    if (this.#session !== undefined) {
      throw kgdbError('KGDB_ATTACHED', 'a debugger is attached to this kernel already; let it detach first');
    }
    const { threads = 'cpus', systemCalls = true, bias, auxv, notice = () => {} } = options;
    const target = new KernelTarget(this.#parts, { threads, systemCalls, bias, auxv, notice });
    const session = new KgdbSession(target, options, () => {
      this.#session = undefined;
      unhook();
    });
    const unhook = this.#console.output.add((bytes) => session.print(bytes));
    this.#session = session;
    return session;
  }
}
