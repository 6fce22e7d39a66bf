import { type ImageReader, type ImageValue, notWritable } from '../image/index.js';
import type { BusDevice } from './bus-device.js';
import { BusRanges, type Mapping } from './bus-ranges.js';
import type { PhysicalMemory } from './memory/physical-memory.js';

/** I/O ports that there are. */
const PORTS = 0x1_0000;
/** Physical addresses that there are: 2^52. */
const ADDRESSES = 2 ** 52;

/** What the CPUs of a computer share: memory, and devices by ranges of I/O ports and of physical addresses. */
export class Bus {
  readonly memory: PhysicalMemory;
  /** Little-endian on every machine that has them. */
  readonly #ports = new BusRanges('ports', 'little');
  readonly #registers: BusRanges;

  constructor(memory: PhysicalMemory) {
    this.memory = memory;
    this.#registers = new BusRanges('addresses', memory.byteOrder);
  }

  /**
   * Maps a device to ports; returns the function that takes it away. Throws a TypeError where another one is, or
   * outside of 0 to 65,535.
   */
  attach(first: number, count: number, device: BusDevice): () => void {
    if (!Number.isInteger(first) || !Number.isInteger(count) || first < 0 || count < 1 || first + count > PORTS) {
      throw new TypeError(`ports are 0 to ${PORTS - 1}, got ${String(count)} from ${String(first)}`);
    }
    return this.#ports.add({ first, count, device });
  }

  /**
   * Maps a device to physical addresses, `size` bytes of them; returns the function that takes it away. The page frames
   * that it is in are no memory while it is there. Throws a TypeError where another device is, or memory that somebody
   * has.
   */
  map(first: bigint, size: number, device: BusDevice): () => void {
    const from = Number(first);
    if (typeof first !== 'bigint' || !Number.isInteger(size) || first < 0n || size < 1 || from + size > ADDRESSES) {
      throw new TypeError(`physical addresses are 0n to 2^52, got ${String(size)} bytes from ${String(first)}`);
    }
    const { pageSize } = this.memory;
    const page = Math.floor(from / pageSize);
    const remove = this.#registers.add({ first: from, count: size, device });
    try {
      const back = this.memory.reserve(page, Math.ceil((from + size) / pageSize) - page);
      return () => {
        remove();
        back();
      };
    } catch (error) {
      remove();
      throw error;
    }
  }

  /** True if there is a device at a port. */
  has(port: number): boolean {
    return this.#ports.find(port) !== undefined;
  }

  /** True if there is a device at a physical address. */
  hasAddress(address: bigint): boolean {
    return this.#registers.find(Number(address)) !== undefined;
  }

  /** A load from a port; where there is no device all bits are 1. */
  readPort(port: number, size: number): bigint {
    return this.#ports.read(port, size);
  }

  /** A store to a port; where there is no device it is lost. */
  writePort(port: number, size: number, value: bigint): void {
    this.#ports.write(port, size, value);
  }

  /** A load from a physical address of devices; where there is none all bits are 1. */
  readDevice(address: bigint, size: number): bigint {
    return this.#registers.read(Number(address), size);
  }

  /** A store to a physical address of devices; where there is none it is lost. */
  writeDevice(address: bigint, size: number, value: bigint): void {
    this.#registers.write(Number(address), size, value);
  }

  /** The state of every device, by where it is first. Throws EBUSY for one that cannot be written down. */
  save(): ImageValue {
    return this.#devices().map(([where, device]) => {
      if (device.save !== undefined && device.restore !== undefined) return { first: where, state: device.save() };
      const name = device.name === undefined ? '' : ` '${device.name}'`;
      throw notWritable(`the device${name} at ${where} has no save and restore`, { device: where });
    });
  }

  /** The way back, for the same devices. */
  restore(from: ImageReader): void {
    const states = new Map(from.list().map((one) => [one.field('first').text(), one.field('state')]));
    const devices = this.#devices();
    if (states.size !== devices.length) throw from.invalid(`the state of ${devices.length} device(s)`);
    for (const [where, device] of devices) {
      const state = states.get(where);
      if (state === undefined) throw from.invalid(`the state of the device at ${where} too`);
      device.restore?.(state);
    }
  }

  /** Each device once, however often it is mapped. */
  #devices(): readonly (readonly [where: string, device: BusDevice])[] {
    const found = new Map<BusDevice, string>();
    const note = (what: string, ranges: BusRanges, { first, device }: Mapping): void => {
      if (!found.has(device)) found.set(device, `${what} ${ranges.show(first)}`);
    };
    for (const mapping of this.#ports.mappings) note('port', this.#ports, mapping);
    for (const mapping of this.#registers.mappings) note('address', this.#registers, mapping);
    return Array.from(found, ([device, where]) => [where, device] as const);
  }
}
