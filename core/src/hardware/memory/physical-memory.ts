import { digits, type ImageReader, type ImageValue } from '../../image/index.js';
import { Mappings } from './mappings.js';

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
  /** By frame, how many have it: of those that nobody has, and that several have. */
  readonly #holders = new Map<number, number>();
  /** Frames that were given back, the next to be handed out last. */
  readonly #free: number[] = [];
  /** By frame, how many devices are in it. */
  readonly #devices = new Map<number, number>();
  #next = 0;
  /** Whoever keeps pages looks them up anew when these have changed. */
  readonly mappings: Mappings;

  /** `mappings`: those of the memory that this one's frames are taken from. */
  constructor(pageSize: number, byteOrder: ByteOrder = 'little', mappings = new Mappings()) {
    this.pageSize = pageSize;
    this.byteOrder = byteOrder;
    this.mappings = mappings;
  }

  /**
   * Number of a page frame that nobody has, filled with zeroes: the one that was given back last, or a new one. It is
   * the caller's until {@link release}.
   */
  allocate(): number {
    const number = this.#free.pop();
    if (number === undefined) {
      for (; this.#devices.has(this.#next); this.#next++) this.#holders.set(this.#next, 0);
      return this.#next++;
    }
    this.#holders.delete(number);
    this.mappings.changed();
    // Somebody may have reached it through the kernel's direct map.
    this.wipe(number);
    return number;
  }

  /** One more has a frame. False if nobody has: there is nothing to share, and it is not counted. */
  share(number: number): boolean {
    const holders = this.holdersOf(number);
    if (holders === 0) return false;
    this.#holders.set(number, holders + 1);
    return true;
  }

  /** Gives a frame back. Its content goes with the last who has it. Throws a TypeError for a frame that nobody has. */
  release(number: number): void {
    const holders = this.holdersOf(number);
    if (holders === 0) throw new TypeError(`page frame ${number} is nobody's: it was given back, or never handed out`);
    if (holders > 2) this.#holders.set(number, holders - 1);
    else if (holders === 2) this.#holders.delete(number);
    else {
      this.#holders.set(number, 0);
      this.mappings.changed();
      this.wipe(number);
      this.#free.push(number);
    }
  }

  /**
   * Moves what is in a frame to other memory, for whoever may still look at it, and releases it if it is `held`.
   * Returns the number of the frame there. What others have, too, stays what they see as long as they have it.
   */
  handOver(number: number, to: PhysicalMemory, held: boolean): number {
    const moved = to.allocate();
    this.mappings.changed();
    const bytes = this.bytesOf(number);
    if (bytes !== undefined) to.#frames.set(moved, bytes);
    if (held) this.release(number);
    return moved;
  }

  /** How many have a frame; 0: nobody. */
  holdersOf(number: number): number {
    return number < this.#next ? (this.#holders.get(number) ?? 1) : 0;
  }

  /** The bytes of a frame that was touched; they are nobody else's once it is wiped. */
  protected bytesOf(number: number): Uint8Array | undefined {
    return this.#frames.get(number);
  }

  /** A frame is zeroes again. */
  protected wipe(number: number): void {
    this.#frames.delete(number);
  }

  /**
   * Devices are in these frames, which are no memory: nobody is given them. Returns the function that ends that. Throws
   * a TypeError, and reserves nothing, if somebody has one of them.
   */
  reserve(first: number, count: number): () => void {
    const frames = Array.from({ length: count }, (_, index) => first + index);
    const taken = frames.find((number) => this.holdersOf(number) > 0 || this.#free.includes(number));
    if (taken !== undefined) {
      throw new TypeError(`page frame ${taken} is memory: a device goes where nobody has any, such as far above`);
    }
    for (const number of frames) this.#devices.set(number, (this.#devices.get(number) ?? 0) + 1);
    return () => {
      for (const number of frames) {
        const others = (this.#devices.get(number) ?? 0) - 1;
        if (others > 0) this.#devices.set(number, others);
        else if (this.#devices.delete(number) && number < this.#next) this.#free.push(number);
      }
    };
  }

  /** False where there is no memory: devices are there; a virtual machine's may have an end, and holes. */
  has(number: number): boolean {
    return this.#devices.size === 0 || !this.#devices.has(number);
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

  /** The frames in which anything is stored, how many were handed out, and who has them. */
  save(): ImageValue {
    const pages = [...this.#frames]
      .sort(([a], [b]) => a - b)
      .map(([frame, bytes]): [number, Uint8Array] => {
        const last = bytes.findLastIndex((byte) => byte !== 0);
        return [frame, bytes.subarray(0, last + 1)];
      });
    const used = pages.filter(([, bytes]) => bytes.length > 0);
    return {
      next: this.#next,
      free: [...this.#free],
      shared: this.#sharedFrames(),
      pages: used.map(([frame, bytes]) => [frame, digits(bytes)]),
    };
  }

  /** The way back. */
  restore(from: ImageReader): void {
    const next = from.field('next').number(0, MOST_FRAMES);
    const holders = holdersOf(from, next);
    const pages = from.field('pages').list();
    this.#frames.clear();
    this.mappings.changed();
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
    this.#holders.clear();
    this.#free.length = 0;
    for (const [frame, count] of holders) {
      this.#holders.set(frame, count);
      if (count === 0) this.#free.push(frame);
    }
    for (const frame of this.#devices.keys()) if (frame < next) this.#holders.set(frame, 0);
  }

  #sharedFrames(): ImageValue {
    return [...this.#holders].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  }

  /** Number of frames that were ever handed out: their numbers are below it. */
  get allocated(): number {
    return this.#next;
  }

  /** Number of frames that somebody has. */
  get used(): number {
    let devices = 0;
    for (const frame of this.#devices.keys()) if (frame < this.#next) devices++;
    return this.#next - this.#free.length - devices;
  }
}

/** Of an image: how many have each frame that not exactly one has. The free ones are in their order. */
function holdersOf(from: ImageReader, next: number): ReadonlyMap<number, number> {
  const holders = new Map<number, number>();
  const note = (one: ImageReader | undefined, count: number): void => {
    const frame = one?.number(0, next - 1);
    if (one === undefined || frame === undefined || holders.has(frame)) {
      throw (one ?? from).invalid('the number of a frame that is named once');
    }
    holders.set(frame, count);
  };
  for (const one of from.field('free').list()) note(one, 0);
  for (const one of from.field('shared').list()) {
    const [frame, count] = one.list();
    if (count === undefined) throw one.invalid('the number of a frame, and how many have it');
    note(frame, count.number(2));
  }
  return holders;
}
