import type { ImageReader, ImageValue } from '../image/index.js';

/** A device behind I/O ports, or behind addresses. */
export interface BusDevice {
  /** For people, such as `uart16550`. */
  readonly name?: string;
  /**
   * Bytes that it answers at once, a power of two: wider accesses, and misaligned ones, come as several of at most so
   * many that are aligned, the lowest first. Default: an access comes as it is, if no other device is in it.
   */
  readonly width?: number;
  /** What `size` bytes at an offset from the first of the device read as. It is asked once for each access. */
  read(offset: number, size: number): bigint;
  /** `value`: of `size` bytes, without a sign. */
  write(offset: number, size: number, value: bigint): void;
  /**
   * What it takes to be as it is on another machine. Without it the machine makes no image while the device is there.
   */
  save?(): ImageValue;
  /** The way back, of a device that has {@link save}. Throws EINVAL for what is none of its. */
  restore?(state: ImageReader): void;
}
