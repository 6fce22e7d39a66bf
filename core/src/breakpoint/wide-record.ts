import type { HwBreakpointAttr } from '../arch/index.js';
import type { IpiCall } from '../kernel/index.js';
import type { Breakpoint, HitHandler } from '../registers/index.js';
import type { RegisterOptions } from './register-options.js';
import type { WideFields } from './wide-breakpoint.js';

/** A wide breakpoint as this room has it. */
export class WideRecord implements WideFields {
  attr: HwBreakpointAttr;
  readonly handler: HitHandler;
  readonly options: RegisterOptions;
  readonly members = new Map<number, Breakpoint>();
  /** CPUs that are suspended, and whose member was enabled before. */
  readonly suspended = new Set<number>();
  /** It was unregistered: silent at once, though a CPU may have it armed until it is told. */
  released = false;
  /** Of what was done to it last: CPUs that have yet to do it. */
  call: IpiCall | undefined;

  constructor(attr: HwBreakpointAttr, handler: HitHandler, options: RegisterOptions) {
    this.attr = attr;
    this.handler = handler;
    this.options = options;
  }

  get owner(): string {
    return this.options.owner ?? 'kernel';
  }
}
