import { digits, type ImageReader, type ImageValue } from '../../image/index.js';

/** Frames that an image may speak of: 2^30. */
const MOST_FRAMES = 1 << 30;

/** Order of the bytes of an integer: the lowest byte first, or the highest. */
export type ByteOrder = 'little' | 'big';

/** Physical pages, made when first touched. Page frames are numbered from 0. */
export class PhysicalMemory {
  /** Bytes in a page, a power of two. */
  readonly pageSize: number;
  /** How integers lie in it. */
  readonly byteOrder: ByteOrder;
  readonly #frames = new Map<number, Uint8Array>();
  #next = 0;

  constructor(pageSize: number, byteOrder: ByteOrder = 'little') {
    this.pageSize = pageSize;
    this.byteOrder = byteOrder;
  }

  /** Number of a page frame that nobody has yet, filled with zeroes. */
  allocate(): number {
    return this.#next++;
  }

  /** False where there is no memory: a virtual machine's may have an end, and holes for devices. */
  has(_number: number): boolean {
    return true;
  }

  /** The bytes of a frame. */
  frame(number: number): Uint8Array {
    let bytes = this.#frames.get(number);
    if (bytes === undefined) {
      bytes = new Uint8Array(this.pageSize);
      this.#frames.set(number, bytes);
    }
    return bytes;
  }

  /** The frames in which anything is stored, and how many were handed out. */
  save(): ImageValue {
    const pages = [...this.#frames]
      .sort(([a], [b]) => a - b)
      .map(([frame, bytes]): [number, Uint8Array] => {
        const last = bytes.findLastIndex((byte) => byte !== 0);
        return [frame, bytes.subarray(0, last + 1)];
      });
    const used = pages.filter(([, bytes]) => bytes.length > 0);
    return { next: this.#next, pages: used.map(([frame, bytes]) => [frame, digits(bytes)]) };
  }

  /** The way back. */
  restore(from: ImageReader): void {
    const next = from.field('next').number(0, MOST_FRAMES);
    const pages = from.field('pages').list();
    this.#frames.clear();
    for (const page of pages) {
      const [frame, bytes] = page.list();
      const content = bytes?.bytes();
      if (frame === undefined || content === undefined || content.length > this.pageSize) {
        throw page.invalid(`the number of a frame, and at most ${this.pageSize} bytes: the rest are zeroes`);
      }
      const whole = new Uint8Array(this.pageSize);
      whole.set(content);
      this.#frames.set(frame.number(0, MOST_FRAMES), whole);
    }
    this.#next = next;
  }

  /** Number of frames handed out. */
  get allocated(): number {
    return this.#next;
  }
}
