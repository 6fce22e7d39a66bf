import { dataError } from './data-error.js';

/** What decoders of Zstandard keep at most unless they are told otherwise (RFC 8878, 3.1.1.1.2, speaks of limits). */
const MOST_WINDOW = 128 * 1024 * 1024;
/** Bytes of windows that are moved: whatever the stream's size is, and for each byte of it. */
const MOST_MOVED = 8 * 1024 ** 3;
const MOVED_EACH = 4096;
/** Bytes that come of the stream; real recordings have some 20 for each byte. */
const MOST_MADE = 64 * 1024 * 1024;
const MADE_EACH = 1024;

const MAGIC = 0xfd2fb528;
/** 16 numbers say that what follows is to be skipped (3.1.2). */
const SKIPPABLE = 0x184d2a50;
/** Bytes of the dictionary's id, by two bits of the descriptor. */
const DICTIONARY = [0, 1, 2, 4] as const;
/** A block of one byte that is there again and again. */
const REPEATED = 1;

/** What the next bytes of a stream are: how many, and what is to be done with them. */
type Expected = readonly [bytes: number, take: (field: readonly number[]) => void];

const little = (field: readonly number[]): number => field.reduce((sum, byte, i) => sum + byte * 256 ** i, 0);

/**
 * Walks through the frames and blocks of a stream of Zstandard (RFC 8878, 3.1.1), ahead of what decompresses it, which
 * moves a window for each block, and makes as much of a few bytes as they say. What is no stream is left to that.
 */
export class ZstdBudget {
  #field: number[] = [];
  #expected: Expected | undefined = [4, (field) => this.#magic(field)];
  #skip = 0;
  #window = 0;
  #checksum = false;
  #read = 0;
  #moved = 0;
  #made = 0;

  /** The next bytes of the stream. Throws a KernelError EINVAL that names the budget that is exceeded. */
  read(bytes: Uint8Array): void {
    this.#read += bytes.length;
    for (let at = 0; at < bytes.length && this.#expected !== undefined; ) {
      const skipped = Math.min(this.#skip, bytes.length - at);
      this.#skip -= skipped;
      at += skipped;
      if (at === bytes.length) return;
      this.#field.push(bytes[at++] as number);
      const [count, take] = this.#expected;
      if (this.#field.length < count) continue;
      const field = this.#field;
      this.#field = [];
      take(field);
    }
  }

  /** Bytes that came of the stream. Throws a KernelError EINVAL. */
  made(bytes: number): void {
    this.#made += bytes;
    const most = MOST_MADE + MADE_EACH * this.#read;
    if (this.#made <= most) return;
    throw dataError(
      `its compressed records are over the budget of what is unpacked: ${this.#read} bytes have become more than ${most} (64 MiB and ${MADE_EACH} for each byte)`,
    );
  }

  #expect(bytes: number, take: (field: readonly number[]) => void): void {
    this.#expected = [bytes, take];
  }

  #magic(field: readonly number[]): void {
    const magic = little(field);
    if (magic === MAGIC) this.#expect(1, ([descriptor = 0]) => this.#descriptor(descriptor));
    else if (magic - (magic % 16) === SKIPPABLE) {
      this.#expect(4, (size) => {
        this.#skip = little(size);
        this.#frame();
      });
    } else this.#expected = undefined;
  }

  #frame(): void {
    this.#expect(4, (field) => this.#magic(field));
  }

  #descriptor(descriptor: number): void {
    const single = (descriptor >> 5) & 1;
    const dictionary = DICTIONARY[descriptor & 3] as number;
    const code = descriptor >> 6;
    const size = code === 0 ? single : 1 << code;
    this.#checksum = (descriptor & 4) !== 0;
    const windows = 1 - single;
    const rest = windows + dictionary + size;
    const take = (field: readonly number[]): void => {
      const [window = 0] = field;
      const base = 2 ** (10 + (window >> 3));
      const content = little(field.slice(windows + dictionary)) + (code === 1 ? 256 : 0);
      this.#begin(single === 1 ? content : base + (base / 8) * (window & 7));
    };
    this.#expect(rest, take);
  }

  #begin(window: number): void {
    if (window > MOST_WINDOW) {
      throw dataError(
        `its compressed records are over the budget of a window: it has ${window} bytes, and ${MOST_WINDOW} (128 MiB) are kept`,
      );
    }
    this.#window = window;
    this.#move();
    this.#block();
  }

  #block(): void {
    this.#expect(3, (field) => {
      const header = little(field);
      const kind = (header >> 1) & 3;
      this.#move();
      this.#skip = kind === REPEATED ? 1 : header >> 3;
      if ((header & 1) === 0) return;
      if (this.#checksum) this.#skip += 4;
      this.#frame();
    });
  }

  #move(): void {
    this.#moved += this.#window;
    const most = MOST_MOVED + MOVED_EACH * this.#read;
    if (this.#moved <= most) return;
    throw dataError(
      `its compressed records are over the budget of blocks: with a window of ${this.#window} bytes more than ${most} bytes would be moved (8 GiB and ${MOVED_EACH} for each byte)`,
    );
  }
}
