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

  /** Number of frames handed out. */
  get allocated(): number {
    return this.#next;
  }
}
