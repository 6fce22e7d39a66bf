import { ADDRESS, type AddressSpace, checkOptions, type Kind, kind, PhysicalMemory } from '@hwbp/core';

const whole = (least: number): Kind =>
  kind(`a whole number from ${least}`, (value) => Number.isSafeInteger(value) && (value as number) >= least);
const FRAME = whole(0);
const FRAMES = whole(1);
const pageOf = (size: number): Kind =>
  kind(`a multiple of ${size}`, (value) => ADDRESS.is(value) && (value as bigint) % BigInt(size) === 0n);

/** Frames of a virtual machine behind which there is no memory. */
export interface MemoryHole {
  readonly first: number;
  readonly count: number;
}

/** How much memory a virtual machine has. */
export interface GuestMemoryOptions {
  /** Page frames, from 0. Default: as many as its kernel asks for. */
  readonly frames?: number;
  /** Frames among them that devices answer. */
  readonly holes?: readonly MemoryHole[];
}

/** A virtual machine's memory: pages of its host, taken when they are first touched. */
export class GuestMemory extends PhysicalMemory {
  #host: PhysicalMemory;
  readonly #options: GuestMemoryOptions;
  /** The host's frames, by the guest's. */
  readonly #frames = new Map<number, number>();

  constructor(host: PhysicalMemory, options: GuestMemoryOptions = {}) {
    super(host.pageSize, host.byteOrder, host.mappings);
    this.#host = host;
    this.#options = options;
  }

  override has(number: number): boolean {
    const { frames, holes = [] } = this.#options;
    if (frames !== undefined && number >= frames) return false;
    return super.has(number) && !holes.some(({ first, count }) => number >= first && number < first + count);
  }

  override frame(number: number): Uint8Array {
    return this.#host.frame(this.hostFrame(number));
  }

  protected override bytesOf(number: number): Uint8Array | undefined {
    return this.#frames.has(number) ? this.frame(number).slice() : undefined;
  }

  /** The host's frame stays: somebody there may have mapped it. */
  protected override wipe(number: number): void {
    if (this.#frames.has(number)) this.frame(number).fill(0);
  }

  /** The virtual machine is off: its host's frames are given back. What was in them is left to whoever looks. */
  giveBack(): void {
    const own = new PhysicalMemory(this.pageSize, this.byteOrder);
    for (const [number, frame] of this.#frames) this.#frames.set(number, this.#host.handOver(frame, own, true));
    this.#host = own;
  }

  /** The host's frame behind one of the guest's. */
  hostFrame(number: number): number {
    let frame = this.#frames.get(number);
    if (frame === undefined) {
      frame = this.#host.allocate();
      this.#frames.set(number, frame);
    }
    return frame;
  }

  /**
   * Shows `count` frames of the guest's, from `first` on, to a process of the host's: at `address`, where a page
   * begins.
   */
  mapInto(memory: AddressSpace, address: bigint, first: number, count: number): void {
    const { pageSize } = this;
    checkOptions('mapInto', { address, first, count }, { address: pageOf(pageSize), first: FRAME, count: FRAMES });
    const frames = Array.from({ length: count }, (_, index) => this.hostFrame(first + index));
    memory.map(address, count * pageSize, { frames });
  }
}
