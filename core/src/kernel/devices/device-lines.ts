import type { Machine } from '../machine.js';

/** What lines need of the machine. */
type LineMachine = Pick<Machine, 'interrupts' | 'hooks' | 'onlineCpus'>;

/** A device's wire to an interrupt line. */
export interface DeviceLine {
  readonly line: number;
  /** True while the device asks for attention. */
  readonly asserted: boolean;
  /** The device asks for attention: the line interrupts again behind each handler until it is let go. */
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
        if (asserting.delete(wire) && asserting.size === 0) this.#machine.interrupts.lower(line);
      },
    };
    return wire;
  }

  /** Behind each interrupt, and when there is a CPU again, lines that are asserted still are raised. */
  #follow(): () => void {
    const { interrupt, online } = this.#machine.hooks;
    const isAsserted = (line: number): boolean => (this.#asserting.get(line)?.size ?? 0) > 0;
    const taken = interrupt.add((cpu, line) => {
      // Without a handler nothing would ever let it go.
      if (isAsserted(line) && this.#machine.interrupts.handlersOf(line).length > 0) {
        this.#machine.interrupts.raise(line, cpu);
      }
    });
    const back = online.add(() => {
      for (const line of this.#asserting.keys()) if (isAsserted(line)) this.#raise(line);
    });
    return () => {
      taken();
      back();
    };
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
