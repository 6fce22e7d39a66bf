import {
  checkOptions,
  type Device,
  type DeviceHost,
  device,
  type ImageReader,
  type ImageValue,
  type Instruction,
  kind,
  type Loaded,
  type Plugin,
  program,
  type Timer,
} from '@hwbp/core';

/** Registers of the timer, at offsets from its first address: 32 bits each. */
export const TIMER_REGISTERS = Object.freeze({
  /** {@link TIMER_ENABLE} and {@link TIMER_ONE_SHOT}. Writing it begins a period anew. */
  CONTROL: 0x0,
  /** Microseconds of a period, 1 or more. */
  PERIOD: 0x4,
  /** Microseconds that are left of the period; reads as 0 while it is off. */
  COUNT: 0x8,
  /** {@link TIMER_EXPIRED}, until 1 is written to it: so long the line interrupts. */
  STATUS: 0xc,
  /** Periods that have passed. */
  TICKS: 0x10,
});
const SIZE = 0x14;
export const TIMER_ENABLE = 1;
/** It goes off behind its period. */
export const TIMER_ONE_SHOT = 2;
export const TIMER_EXPIRED = 1;

/** A driver, which counts in a variable of the kernel. */
export interface IntervalTimerDriver {
  /** Microseconds between two interrupts. */
  readonly period: number;
  /** Address of the variable: 8 bytes that every interrupt adds 1 to. */
  readonly counter: bigint;
  /** Address of the handler's instructions. Default: in front of the variable's page. */
  readonly text?: bigint;
}

/** Where a timer is. */
export interface IntervalTimerOptions {
  /** Its first physical address. Default 0xfed00000. */
  readonly physical?: bigint;
  /** The interrupt line. Default 0. */
  readonly line?: number;
  /** Who handles its interrupts. Default: somebody else. */
  readonly driver?: IntervalTimerDriver;
  /** Called with where the kernel's instructions find its registers. */
  readonly mapped?: (address: bigint) => void;
  /** Unique in a kernel. Default `interval timer`. */
  readonly name?: string;
}

const ADDRESS = kind('an address, such as 0xfed00000n', (value) => typeof value === 'bigint' && value >= 0n);
const PERIOD = kind('a whole number of microseconds from 1', (value) => Number.isInteger(value) && Number(value) > 0);
const OPTIONS = {
  physical: ADDRESS,
  line: kind('a line from 0 to 62', (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 62),
  driver: kind('an object', (value) => typeof value === 'object' && value !== null),
  mapped: kind('a function', (value) => typeof value === 'function'),
  name: kind('text', (value) => typeof value === 'string'),
};
const DRIVER = { period: PERIOD, counter: ADDRESS, text: ADDRESS };

/** Nanoseconds in a microsecond. */
const MICROSECOND = 1000;

class IntervalTimer implements Device {
  readonly #host: DeviceHost;
  readonly #interrupt: ReturnType<DeviceHost['line']>;
  #control = 0;
  #period = MICROSECOND;
  #ticks = 0;
  #expired = false;
  #timer: Timer | undefined;

  constructor(host: DeviceHost, line: number) {
    this.#host = host;
    this.#interrupt = host.line(line);
  }

  read(offset: number): number {
    const { CONTROL, PERIOD: period, COUNT, STATUS } = TIMER_REGISTERS;
    if (offset === CONTROL) return this.#control;
    if (offset === period) return this.#period;
    if (offset === COUNT) return this.#left;
    return offset === STATUS ? Number(this.#expired) : this.#ticks;
  }

  write(offset: number, value: number): void {
    const { CONTROL, PERIOD: period, STATUS } = TIMER_REGISTERS;
    if (offset === CONTROL) {
      this.#control = value & (TIMER_ENABLE | TIMER_ONE_SHOT);
      this.#begin();
    } else if (offset === period) {
      this.#period = Math.max(1, value);
    } else if (offset === STATUS && (value & TIMER_EXPIRED) !== 0) {
      this.#expired = false;
      this.#interrupt.lower();
    }
  }

  save(): ImageValue {
    return { control: this.#control, period: this.#period, ticks: this.#ticks, expired: this.#expired };
  }

  restore(from: ImageReader): void {
    this.#control = from.field('control').number(0, 3);
    this.#period = from.field('period').number(1, 0xffff_ffff);
    this.#ticks = from.field('ticks').number(0, 0xffff_ffff);
    this.#expired = from.field('expired').flag();
    this.#begin();
    if (this.#expired) this.#interrupt.raise();
  }

  get #left(): number {
    if (this.#timer === undefined || this.#timer.due === Number.POSITIVE_INFINITY) return 0;
    const now = Math.min(...this.#host.machine.onlineCpus.map(({ clock }) => clock.now));
    return Math.max(0, Math.ceil((this.#timer.due - now) / MICROSECOND));
  }

  #begin(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if ((this.#control & TIMER_ENABLE) === 0) return;
    const ns = this.#period * MICROSECOND;
    const once = (this.#control & TIMER_ONE_SHOT) !== 0;
    this.#timer = once ? this.#host.after(ns, () => this.#tick()) : this.#host.every(ns, () => this.#tick());
  }

  #tick(): void {
    if ((this.#control & TIMER_ONE_SHOT) !== 0) this.#control &= ~TIMER_ENABLE;
    this.#ticks = (this.#ticks + 1) >>> 0;
    this.#expired = true;
    this.#interrupt.raise();
  }
}

/** Acknowledges an interrupt and counts it: a load and a store of the device's registers, and one of the variable. */
function handler(registers: bigint, { counter, text }: IntervalTimerDriver) {
  const pc = text ?? (counter & -0x1000n) - 0x100n;
  const status = registers + BigInt(TIMER_REGISTERS.STATUS);
  return program(function* (): Generator<Instruction, void, Loaded> {
    const [expired = 0n] = yield { pc, length: 4, accesses: [{ kind: 'read', address: status, size: 4 }] };
    if ((Number(expired) & TIMER_EXPIRED) === 0) return;
    yield { pc: pc + 4n, length: 4, accesses: [{ kind: 'write', address: status, size: 4, value: 1n }] };
    const [count = 0n] = yield { pc: pc + 8n, length: 4, accesses: [{ kind: 'read', address: counter, size: 8 }] };
    const value = BigInt.asUintN(64, count + 1n);
    yield { pc: pc + 12n, length: 4, accesses: [{ kind: 'write', address: counter, size: 8, value }] };
  });
}

/**
 * A timer that interrupts once or again and again, by registers in memory: {@link TIMER_REGISTERS}. With a `driver` it
 * runs from the start, and its handler, a program, adds 1 to a variable that anybody can watch.
 */
export function intervalTimer(options: IntervalTimerOptions = {}): Plugin {
  checkOptions('intervalTimer', options, OPTIONS);
  const { physical = 0xfed0_0000n, line = 0, driver, mapped, name = 'interval timer' } = options;
  if (driver !== undefined) checkOptions('driver', driver, DRIVER);
  return device(name, (host) => {
    const timer = new IntervalTimer(host, line);
    const registers = host.map(physical, SIZE, {
      width: 4,
      read: (offset) => timer.read(offset & ~3),
      write: (offset, _size, value) => timer.write(offset & ~3, Number(value)),
    });
    mapped?.(registers);
    if (driver === undefined) return timer;
    const end = host.machine.interrupts.handle(line, { name, program: handler(registers, driver) });
    timer.write(TIMER_REGISTERS.PERIOD, driver.period);
    timer.write(TIMER_REGISTERS.CONTROL, TIMER_ENABLE);
    return {
      stop: end,
      save: () => timer.save(),
      restore: (state) => timer.restore(state),
    };
  });
}
