import { Context, type Cpu } from '../../hardware/index.js';
import type { ExecutionContext } from './execution-context.js';
import type { HandlerFrame } from './handler-frame.js';

/** The interrupt handlers that a CPU is in, each on top of the one that it interrupted. */
export class HandlerStack {
  readonly #cpu: Cpu;
  readonly #frames: HandlerFrame[] = [];
  #top: HandlerFrame | undefined;
  /** Registers by depth, made when a CPU first comes that deep. */
  readonly #contexts: Context[] = [];

  constructor(cpu: Cpu) {
    this.#cpu = cpu;
  }

  /** The one that executes. */
  get top(): HandlerFrame | undefined {
    return this.#top;
  }

  get depth(): number {
    return this.#frames.length;
  }

  /** Only lines of a higher priority are taken. */
  get priority(): number {
    return this.top?.priority ?? Number.NEGATIVE_INFINITY;
  }

  /** True inside one of this kind. */
  has(kind: ExecutionContext): boolean {
    return this.#frames.some((frame) => frame.kind === kind);
  }

  /** Enters a handler: it begins with the registers of what it interrupts, in kernel mode. */
  push(frame: HandlerFrame): void {
    const context = this.#registers(this.#frames.length);
    frame.context = context;
    this.#frames.push(frame);
    this.#top = frame;
    const { registers, pcHi, pcLo } = this.#cpu.context;
    context.pcHi = pcHi;
    context.pcLo = pcLo;
    context.mode = 'kernel';
    context.singleStep = false;
    context.resume = false;
    context.forcedStep = false;
    context.completion = undefined;
    context.irqsOff = frame.irqsOff;
    context.registers.clear();
    for (const [name, value] of registers) context.registers.set(name, value);
    this.#cpu.load(context);
  }

  /** Leaves the handler on top; `below`: the registers of what the lowest one has interrupted. */
  pop(below: Context): void {
    const frame = this.#frames.pop();
    if (frame === undefined) return;
    this.#top = this.#frames.at(-1);
    this.#cpu.load(this.#top?.context ?? below);
    frame.end?.();
  }

  #registers(depth: number): Context {
    const made = this.#contexts[depth];
    if (made !== undefined) return made;
    const context = new Context();
    this.#contexts[depth] = context;
    return context;
  }
}
