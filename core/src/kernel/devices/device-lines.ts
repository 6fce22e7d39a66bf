import type { Machine } from '../machine.js';

/** What lines need of the machine. */
type LineMachine = Pick<Machine, 'interrupts' | 'hooks'>;

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
    this.#unhook ??= this.#machine.hooks.interrupt.add((cpu, taken) => {
      const still = (this.#asserting.get(taken)?.size ?? 0) > 0;
      // Without a handler nothing would ever let it go.
      if (still && this.#machine.interrupts.handlersOf(taken).length > 0) {
        this.#machine.interrupts.raise(taken, cpu);
      }
    });
    const wire: DeviceLine = {
      line,
      get asserted() {
        return asserting.has(wire);
      },
      raise: () => {
        if (asserting.has(wire)) return;
        asserting.add(wire);
        this.#machine.interrupts.raise(line);
      },
      lower: () => {
        if (asserting.delete(wire) && asserting.size === 0) this.#machine.interrupts.lower(line);
      },
    };
    return wire;
  }

  [Symbol.dispose](): void {
    this.#unhook?.();
    for (const [line, asserting] of this.#asserting) if (asserting.size > 0) this.#machine.interrupts.lower(line);
    this.#asserting.clear();
  }
}
