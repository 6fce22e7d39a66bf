import {
  type ArchManifest,
  BREAKPOINT_PLACES,
  BREAKPOINTS,
  type BreakpointPlaces,
  type Breakpoints,
  type Consumer,
  INSTRUCTION_BREAKPOINT,
  type InstructionBreakpoint,
  inject,
  injectable,
  MACHINE,
  MANIFEST,
  type Machine,
  type PluginManifest,
  SYMBOLS,
  type SymbolTable,
  TARGET_DESCRIPTION,
  type TargetDescription,
} from '@hwbp/core';
import { xmonError } from './errors.js';
import type { XmonParts } from './parts.js';
import { type XmonOptions, XmonSession } from './session.js';

/**
 * The debugger that is a part of the kernel (Linux: arch/powerpc/xmon), on any architecture. It takes nothing until
 * somebody opens a session; one can be open at a time.
 */
@injectable()
export class Xmon implements Consumer {
  static readonly plugin: PluginManifest = {
    name: 'xmon',
    wants: [TARGET_DESCRIPTION, INSTRUCTION_BREAKPOINT, BREAKPOINT_PLACES],
  };
  readonly #parts: XmonParts;
  #started = false;
  #session: XmonSession | undefined;

  constructor(
    @inject(MACHINE) machine: Machine,
    @inject(BREAKPOINTS) breakpoints: Breakpoints,
    @inject(MANIFEST) manifest: ArchManifest,
    @inject(SYMBOLS) symbols: SymbolTable,
    @inject(TARGET_DESCRIPTION) description: TargetDescription | undefined,
    @inject(INSTRUCTION_BREAKPOINT) instruction: InstructionBreakpoint | undefined,
    @inject(BREAKPOINT_PLACES) places: BreakpointPlaces | undefined,
  ) {
    this.#parts = { machine, breakpoints, manifest, symbols, description, instruction, places };
  }

  start(): void {
    this.#started = true;
  }

  /** A session that is open is closed. */
  stop(): void {
    this.#started = false;
    this.#session?.close();
  }

  /** A session with this kernel's xmon; the machine runs on until it is entered. Throws EBUSY while one is open. */
  open(options: XmonOptions = {}): XmonSession {
    if (!this.#started) throw xmonError('XMON_STOPPED', 'xmon was stopped with its kernel; compose a new one');
    if (this.#session !== undefined) {
      throw xmonError('XMON_OPEN', "a session with this kernel's xmon is open already; close it first");
    }
    this.#session = new XmonSession(this.#parts, options, () => {
      this.#session = undefined;
    });
    return this.#session;
  }
}
