/** Where a finger, or the mouse, is. */
interface Place {
  readonly x: number;
}

/** What pointers have done since they were asked last. */
export interface Gesture {
  /** Below 1: nearer. */
  readonly factor: number;
  /** Pixel around which. */
  readonly around: number;
  /** Pixels to the right. */
  readonly moved: number;
}

/** Pixels that a pointer may move, and still has clicked. */
const STILL = 4;
/** Fingers are never nearer to each other, in pixels: they would zoom without bounds. */
const APART = 8;

/** One pointer drags; two of them pinch. */
export class Pointers {
  readonly #down = new Map<number, Place>();
  #travelled = 0;
  #most = 0;

  /** True while somebody holds it. */
  get held(): boolean {
    return this.#down.size > 0;
  }

  down({ pointerId, offsetX: x }: PointerEvent): void {
    if (this.#down.size === 0) [this.#travelled, this.#most] = [0, 0];
    this.#down.set(pointerId, { x });
    this.#most = Math.max(this.#most, this.#down.size);
  }

  /** `undefined`: nothing that counts. */
  move({ pointerId, offsetX: x }: PointerEvent): Gesture | undefined {
    const before = this.#down.get(pointerId);
    if (before === undefined || this.#down.size > 2) return undefined;
    const [other] = [...this.#down].flatMap(([id, place]) => (id === pointerId ? [] : [place]));
    this.#travelled += Math.abs(x - before.x);
    if (other === undefined) {
      if (this.#travelled <= STILL) return undefined;
      this.#down.set(pointerId, { x });
      return { factor: 1, around: x, moved: x - before.x };
    }
    this.#down.set(pointerId, { x });
    const apart = (one: number): number => Math.max(Math.abs(one - other.x), APART);
    const moved = (x - before.x) / 2;
    return { factor: apart(before.x) / apart(x), around: (before.x + other.x) / 2, moved };
  }

  /** True if that was a click. */
  up({ pointerId }: PointerEvent): boolean {
    return this.#down.delete(pointerId) && this.#most === 1 && this.#travelled <= STILL;
  }

  /** The browser has taken it away: it scrolls. */
  cancel({ pointerId }: PointerEvent): void {
    this.#down.delete(pointerId);
  }
}
