import { checkOptions, type Device, type DeviceHost, device, kind, type Plugin, type Timer } from '@hwbp/core';
import { SerialLine } from './serial-line.js';
import { Uart } from './uart.js';

/** Registers of the port. */
const REGISTERS = 8;

/** Where a serial port is, and what is at its other end. */
export interface Uart16550Options {
  /** The first of its eight I/O ports. Default 0x3f8, unless it has an address. */
  readonly ports?: number;
  /** Its first physical address, beside its ports or instead of them. */
  readonly physical?: bigint;
  /** Registers are 2 to the power of so many bytes apart in memory: 0 to 2. Default 0. */
  readonly shift?: number;
  /** The interrupt line. Default 4. */
  readonly line?: number;
  /** Its divisor before anybody sets one: 115,200 baud by this. Default 1. */
  readonly divisor?: number;
  /** What is at the other end. Default: the kernel's console. */
  readonly wire?: SerialLine;
  /** Called with where the kernel's instructions find its registers, if it has a physical address. */
  readonly mapped?: (address: bigint) => void;
  /** Unique in a kernel. Default `uart16550`. */
  readonly name?: string;
}

const whole = (least: number, most: number) =>
  kind(`a whole number from ${least} to ${most}`, (value) => {
    return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  });
const OPTIONS = {
  ports: whole(0, 0xfff8),
  physical: kind('an address, such as 0x10000000n', (value) => typeof value === 'bigint' && value >= 0n),
  shift: whole(0, 2),
  line: whole(0, 62),
  divisor: whole(1, 0xffff),
  wire: kind('a SerialLine', (value) => value instanceof SerialLine),
  mapped: kind('a function', (value) => typeof value === 'function'),
  name: kind('text', (value) => typeof value === 'string'),
};

/** The kernel's console as the other end: what is typed there comes in, what the port sends is shown. */
function consoleLine(host: DeviceHost): { readonly wire: SerialLine; end(): void } {
  const wire = new SerialLine();
  wire.output.add((value) => host.console.write(Uint8Array.of(value)));
  return { wire, end: host.console.input.add((bytes) => wire.send(bytes)) };
}

/** The port between its registers, its line, and the time of its characters. */
class SerialPort implements Device {
  readonly #uart: Uart;
  readonly #ends: readonly (() => void)[];
  /** What has come to the port and waits for its turn on the wire. */
  readonly #incoming: Parameters<Uart['receive']>[0][] = [];

  constructor(host: DeviceHost, options: Uart16550Options) {
    const { shift = 0, line = 4, divisor = 1, physical, mapped } = options;
    const wired = options.wire === undefined ? consoleLine(host) : { wire: options.wire, end: () => {} };
    const { wire, end } = wired;
    const interrupt = host.line(line);
    let watch: Timer | undefined;
    this.#uart = new Uart(
      {
        interrupt: (on) => (on ? interrupt.raise() : interrupt.lower()),
        sent: (value) => wire.output.call(value),
        shift: (ns) => void host.after(ns, () => this.#uart.shifted()),
        watch: (ns) => {
          watch?.cancel();
          watch = ns === undefined ? undefined : host.after(ns, () => this.#uart.timeout());
        },
      },
      wire.modem,
      divisor,
    );
    const uart = this.#uart;
    const ports = options.ports ?? (physical === undefined ? 0x3f8 : undefined);
    if (ports !== undefined) {
      host.ports(ports, REGISTERS, {
        width: 1,
        read: (offset) => uart.read(offset),
        write: (offset, _size, value) => uart.write(offset, Number(value)),
      });
    }
    if (physical !== undefined) {
      const address = host.map(physical, REGISTERS << shift, {
        width: 1 << shift,
        // What lies between two registers is nothing.
        read: (offset) => (offset % (1 << shift) === 0 ? uart.read(offset >> shift) : 0),
        write: (offset, _size, value) => {
          if (offset % (1 << shift) === 0) uart.write(offset >> shift, Number(value & 0xffn));
        },
      });
      mapped?.(address);
    }
    this.#ends = [
      end,
      wire.modemChange.add((modem) => uart.modemChanged(modem)),
      wire.input.add((characters) => {
        const idle = this.#incoming.length === 0;
        this.#incoming.push(...characters);
        if (idle && characters.length > 0) this.#next(host);
      }),
    ];
  }

  stop(): void {
    for (const end of this.#ends) end();
    this.#incoming.length = 0;
  }

  save() {
    return this.#uart.save();
  }

  restore(state: Parameters<Uart['restore']>[0]): void {
    this.#uart.restore(state);
  }

  /** One character after the other, as fast as the wire is. */
  #next(host: DeviceHost): void {
    host.after(this.#uart.characterTime, () => {
      const incoming = this.#incoming.shift();
      if (incoming !== undefined) this.#uart.receive(incoming);
      if (this.#incoming.length > 0) this.#next(host);
    });
  }
}

/**
 * A PC16550D serial port: `uart16550()` is a PC's first one, at port 0x3f8 and line 4. What it sends is shown on the
 * kernel's console (`CONSOLE`), what is typed there comes in, each character in the time that it takes on the wire.
 */
export function uart16550(options: Uart16550Options = {}): Plugin {
  checkOptions('uart16550', options, OPTIONS);
  return device(options.name ?? 'uart16550', (host) => new SerialPort(host, options));
}
