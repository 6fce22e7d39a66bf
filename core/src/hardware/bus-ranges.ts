import type { BusDevice } from './bus-device.js';
import type { ByteOrder } from './memory/physical-memory.js';

/** A device, and where it is. */
export interface Mapping {
  readonly first: number;
  readonly count: number;
  readonly device: BusDevice;
}

/** Devices by ranges of one space: ports, or physical addresses. */
export class BusRanges {
  readonly #what: string;
  readonly #byteOrder: ByteOrder;
  #mappings: readonly Mapping[] = [];

  /** `what`: the space's places, such as `ports`. `byteOrder`: how what several devices answer is put together. */
  constructor(what: string, byteOrder: ByteOrder) {
    this.#what = what;
    this.#byteOrder = byteOrder;
  }

  get mappings(): readonly Mapping[] {
    return this.#mappings;
  }

  /** Returns the function that takes the device away. Throws a TypeError that names the one that is there. */
  add(mapping: Mapping): () => void {
    const { first, count, device } = mapping;
    const taken = this.#mappings.find((other) => first < other.first + other.count && first + count > other.first);
    if (taken !== undefined) {
      const [there, name] = [taken.device, device].map((one) =>
        one.name === undefined ? 'a device' : `'${one.name}'`,
      );
      const range = `${this.show(taken.first)} to ${this.show(taken.first + taken.count - 1)}`;
      throw new TypeError(
        `${this.#what} ${range} have ${there} already; take it away first, or map ${name === 'a device' ? 'this one' : name} elsewhere`,
      );
    }
    this.#mappings = [...this.#mappings, mapping];
    return () => {
      this.#mappings = this.#mappings.filter((other) => other !== mapping);
    };
  }

  find(at: number): Mapping | undefined {
    return this.#mappings.find(({ first, count }) => at >= first && at < first + count);
  }

  /** What `size` bytes read as; where there is no device all bits are 1. */
  read(at: number, size: number): bigint {
    const whole = this.#whole(at, size);
    if (whole !== undefined) return BigInt.asUintN(8 * size, whole.device.read(at - whole.first, size));
    let value = 0n;
    for (const { from, count, mapping } of this.#pieces(at, size)) {
      const answer = mapping === undefined ? -1n : mapping.device.read(at + from - mapping.first, count);
      value |= BigInt.asUintN(8 * count, answer) << this.#shift(from, count, size);
    }
    return value;
  }

  /** Where there is no device it is lost. */
  write(at: number, size: number, value: bigint): void {
    const whole = this.#whole(at, size);
    if (whole !== undefined) {
      whole.device.write(at - whole.first, size, BigInt.asUintN(8 * size, value));
      return;
    }
    const all = BigInt.asUintN(8 * size, value);
    for (const { from, count, mapping } of this.#pieces(at, size)) {
      const part = BigInt.asUintN(8 * count, all >> this.#shift(from, count, size));
      mapping?.device.write(at + from - mapping.first, count, part);
    }
  }

  show(at: number): string {
    return this.#what === 'ports' ? String(at) : `0x${at.toString(16)}`;
  }

  /** The device that gets an access as it is. */
  #whole(at: number, size: number): Mapping | undefined {
    const found = this.find(at);
    if (found === undefined || at + size > found.first + found.count) return undefined;
    const { width = size } = found.device;
    return size <= width && (found.device.width === undefined || (at - found.first) % size === 0) ? found : undefined;
  }

  /** An access that is not for one device as it is. */
  *#pieces(at: number, size: number): Generator<{ from: number; count: number; mapping: Mapping | undefined }> {
    for (let from = 0; from < size; ) {
      const mapping = this.find(at + from);
      const offset = mapping === undefined ? 0 : at + from - mapping.first;
      const most = Math.min(
        size - from,
        mapping === undefined ? 1 : mapping.count - offset,
        mapping?.device.width ?? 8,
      );
      let count = 1;
      while (count * 2 <= most && offset % (count * 2) === 0) count *= 2;
      yield { from, count, mapping };
      from += count;
    }
  }

  /** Where a piece's lowest bit is in the value of the whole access. */
  #shift(from: number, count: number, size: number): bigint {
    return BigInt(8 * (this.#byteOrder === 'little' ? from : size - from - count));
  }
}
