import { type ImageReader, type ImageValue, notWritable } from '../image/index.js';
import type { PhysicalMemory } from './memory/physical-memory.js';

/** A device behind I/O ports. */
export interface PortDevice {
  /** What `size` bytes (1, 2 or 4) at a port, counted from the first of the device, read as. */
  read(port: number, size: number): bigint;
  write(port: number, size: number, value: bigint): void;
  /**
   * What it takes to be as it is on another machine. Without it the machine makes no image while the device is there.
   */
  save?(): ImageValue;
  /** The way back, of a device that has {@link save}. Throws EINVAL for what is none of its. */
  restore?(state: ImageReader): void;
}

interface Mapping {
  readonly first: number;
  readonly count: number;
  readonly device: PortDevice;
}

/** I/O ports that there are. */
const PORTS = 0x1_0000;

/** What the CPUs of a computer share: memory, and devices by ranges of I/O ports. */
export class Bus {
  readonly memory: PhysicalMemory;
  #ports: readonly Mapping[] = [];

  constructor(memory: PhysicalMemory) {
    this.memory = memory;
  }

  /**
   * Maps a device to ports; returns the function that takes it away. Throws a TypeError where another one is, or
   * outside of 0 to 65,535.
   */
  attach(first: number, count: number, device: PortDevice): () => void {
    if (!Number.isInteger(first) || !Number.isInteger(count) || first < 0 || count < 1 || first + count > PORTS) {
      throw new TypeError(`ports are 0 to ${PORTS - 1}, got ${String(count)} from ${String(first)}`);
    }
    const taken = this.#ports.find((other) => first < other.first + other.count && first + count > other.first);
    if (taken !== undefined) {
      const range = `${taken.first} to ${taken.first + taken.count - 1}`;
      throw new TypeError(`ports ${range} have a device already; take it away first, or map this one elsewhere`);
    }
    const mapping = { first, count, device };
    this.#ports = [...this.#ports, mapping];
    return () => {
      this.#ports = this.#ports.filter((other) => other !== mapping);
    };
  }

  /** True if there is a device at a port. */
  has(port: number): boolean {
    return this.#find(port) !== undefined;
  }

  /** A load from a port; where there is no device all bits are 1. */
  readPort(port: number, size: number): bigint {
    const found = this.#find(port);
    return BigInt.asUintN(8 * size, found === undefined ? -1n : found.device.read(port - found.first, size));
  }

  /** A store to a port; where there is no device it is lost. */
  writePort(port: number, size: number, value: bigint): void {
    const found = this.#find(port);
    found?.device.write(port - found.first, size, BigInt.asUintN(8 * size, value));
  }

  /** The state of every device, by its first port. Throws EBUSY for one that cannot be written down. */
  save(): ImageValue {
    return this.#ports.map(({ first, device }) => {
      if (device.save !== undefined && device.restore !== undefined) return { first, state: device.save() };
      throw notWritable(`the device at port ${first} has no save and restore`, { port: first });
    });
  }

  /** The way back, for the same devices. */
  restore(from: ImageReader): void {
    const states = new Map(from.list().map((one) => [one.field('first').number(0, PORTS), one.field('state')]));
    if (states.size !== this.#ports.length) throw from.invalid(`the state of ${this.#ports.length} device(s)`);
    for (const { first, device } of this.#ports) {
      const state = states.get(first);
      if (state === undefined) throw from.invalid(`the state of the device at port ${first} too`);
      device.restore?.(state);
    }
  }

  #find(port: number): Mapping | undefined {
    return this.#ports.find(({ first, count }) => port >= first && port < first + count);
  }
}
