import { type Kind, kind, objectWith, requireKind, shown } from '../errors/index.js';
import type { BusDevice } from '../hardware/index.js';
import type { ImageValue } from '../image/index.js';
import type { ErrorChannel } from '../kernel/index.js';

/** Registers that are read and written at offsets from the first: by port or by address. */
export interface DeviceRegisters {
  /** Bytes that one access has at most, a power of two; wider and misaligned ones come as several. Default: any. */
  readonly width?: number;
  /** Asked once for each access. What is above `size` bytes is cut. */
  read(offset: number, size: number): bigint | number;
  /** `value`: of `size` bytes, without a sign. */
  write(offset: number, size: number, value: bigint): void;
}

const REGISTERS: Kind = objectWith('an object with read(offset, size) and write(offset, size, value)', 'read', 'write');
const WIDTH: Kind = kind('a power of two, 1 to 4096', (value) => {
  const bytes = Number(value);
  return typeof value === 'number' && bytes >= 1 && bytes <= 4096 && (bytes & (bytes - 1)) === 0 && bytes % 1 === 0;
});

/** Every bit: what nobody drives. */
const ONES = -1n;

/** Registers of a device that somebody else has written: what they throw is the kernel's to tell. */
export class GuardedDevice implements BusDevice {
  readonly name: string;
  readonly width?: number;
  readonly #registers: DeviceRegisters;
  readonly #errors: ErrorChannel;

  /** Throws a TypeError that names the device and the field for what are no registers. */
  constructor(name: string, registers: DeviceRegisters, errors: ErrorChannel) {
    requireKind(`what '${name}' maps`, registers, REGISTERS);
    if (registers.width !== undefined) requireKind(`width of what '${name}' maps`, registers.width, WIDTH);
    this.name = name;
    this.#registers = registers;
    this.#errors = errors;
    if (registers.width !== undefined) this.width = registers.width;
  }

  read(offset: number, size: number): bigint {
    let value = ONES;
    this.#errors.guard(`device '${this.name}'`, () => {
      const read: unknown = this.#registers.read(offset, size);
      if (typeof read !== 'bigint' && !Number.isSafeInteger(read))
        throw new TypeError(`read(${offset}, ${size}) returns a bigint or a whole number, got ${shown(read)}`);
      value = BigInt(read as bigint | number);
    });
    return value;
  }

  write(offset: number, size: number, value: bigint): void {
    this.#errors.guard(`device '${this.name}'`, () => this.#registers.write(offset, size, value));
  }

  /** The device's state is a part of the image of its own, however often its registers are mapped. */
  save(): ImageValue {
    return null;
  }

  restore(): void {}
}
