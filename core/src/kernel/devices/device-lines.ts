import type { Machine } from '../machine.js';

/** What lines need of the machine. */
type LineMachine = Pick<Machine, 'interrupts' | 'hooks' | 'onlineCpus' | 'logger'>;

/** A device's wire to an interrupt line. */
export interface DeviceLine {
  readonly line: number;
  /** True while the device asks for attention. */
  readonly asserted: boolean;
  /**
   * The device asks for attention: the line interrupts again behind each handler until it is let go. Where nobody
   * handles it, it interrupts once, which the log says, and again when somebody does.
   */
  raise(): void;
  /** It asks no more: a line that nobody else asserts, and that no CPU has taken, interrupts nobody. */
  lower(): void;
}

/**
 * Lines that follow a level, as devices that share a line need it: a handler that serves one device of two, or one
 * cause of several, is entered again.
 */
export class DeviceLines {
  readonly #machine: LineMachine;
  /** Who asserts each line. */
  readonly #asserting = new Map<number, Set<object>>();
  /** Lines that have interrupted, and nobody handles. */
  readonly #unhandled = new Set<number>();
  #unhook: (() => void) | undefined;

  constructor(machine: LineMachine) {
    this.#machine = machine;
  }

  /** A device's wire to a line, 0 to 62. Throws a TypeError for another number. */
  wire(line: number): DeviceLine {
    // Asked for its check of the number.
    this.#machine.interrupts.isMasked(line);
    const asserting = this.#asserting.get(line) ?? new Set<object>();
    this.#asserting.set(line, asserting);
    this.#unhook ??= this.#follow();
    const wire: DeviceLine = {
      line,
      get asserted() {
        return asserting.has(wire);
      },
      raise: () => {
        if (asserting.has(wire)) return;
        asserting.add(wire);
        this.#raise(line);
      },
      lower: () => {
        if (!asserting.delete(wire) || asserting.size > 0) return;
        this.#unhandled.delete(line);
        this.#machine.interrupts.lower(line);
      },
    };
    return wire;
  }

  /** Behind each interrupt, and when there is a CPU again, lines that are asserted still are raised. */
  #follow(): () => void {
    const { interrupts, hooks } = this.#machine;
    const isAsserted = (line: number): boolean => (this.#asserting.get(line)?.size ?? 0) > 0;
    // Behind hooks that handle lines themselves.
    const taken = hooks.interrupt.add(
      (cpu, line) => {
        if (!isAsserted(line)) return;
        // Without a handler nothing would ever let it go.
        if (interrupts.handlersOf(line).length > 0) interrupts.raise(line, cpu);
        else this.#nobodyHandles(line);
      },
      { last: true },
    );
    const handled = interrupts.handled.add((line) => {
      if (this.#unhandled.delete(line)) this.#raise(line);
    });
    const back = hooks.online.add(() => {
      for (const line of this.#asserting.keys()) if (isAsserted(line)) this.#raise(line);
    });
    return () => {
      taken();
      handled();
      back();
    };
  }

  #nobodyHandles(line: number): void {
    if (this.#unhandled.has(line)) return;
    this.#unhandled.add(line);
    const why = 'it interrupts again when somebody does';
    this.#machine.logger.log('warn', `a device asks for attention on line ${line}, which nobody handles: ${why}`);
  }

  /** On a machine that is suspended it waits for a CPU. */
  #raise(line: number): void {
    if (this.#machine.onlineCpus.length > 0) this.#machine.interrupts.raise(line);
  }

  [Symbol.dispose](): void {
    this.#unhook?.();
    for (const [line, asserting] of this.#asserting) if (asserting.size > 0) this.#machine.interrupts.lower(line);
    this.#asserting.clear();
  }
}
