import type { ImageReader, ImageValue } from '../image/index.js';

/** Numbers that a generator's state is made of. */
type State = readonly [number, number, number, number];

const rotated = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/** The number that a state gives, of its second part. */
const starred = (b: number): number => Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0;

/** Of a seed: mixes 32 bits so that neighbours have nothing in common (splitmix, 32 bits wide). */
function mixed(value: number): number {
  let mix = value | 0;
  mix = Math.imul(mix ^ (mix >>> 16), 0x21f0_aaad);
  mix = Math.imul(mix ^ (mix >>> 15), 0x735a_2d97);
  return (mix ^ (mix >>> 15)) >>> 0;
}

/**
 * A generator of random numbers that a seed decides: xoshiro128** 1.1 of David Blackman and Sebastiano Vigna
 * (https://prng.di.unimi.it/xoshiro128starstar.c, public domain). Its numbers are part of the API: a seed that has
 * found something finds it again with the next version.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** `state`: four numbers of 32 bits, one of which is not 0. */
  constructor(state: State) {
    [this.#a, this.#b, this.#c, this.#d] = state.map((one) => one | 0) as [number, number, number, number];
    if ((this.#a | this.#b | this.#c | this.#d) === 0) throw new TypeError('a generator whose state is 0 stays there');
  }

  /** Of a seed, and a second number that tells several of one seed apart: any whole numbers of 32 bits. */
  static of(seed: number, stream = 0): Random {
    const state = [0, 1, 2, 3].map((i) => mixed(mixed(seed + Math.imul(i, 0x9e37_79b9)) ^ mixed(stream + i)));
    return new Random(state.every((one) => one === 0) ? [1, 0, 0, 0] : (state as unknown as State));
  }

  /** What {@link next} will be. Changes nothing. */
  get upcoming(): number {
    return starred(this.#b);
  }

  /** The next number: a whole one from 0 to 2 ** 32 - 1. */
  next(): number {
    const a = this.#a;
    const b = this.#b;
    const c = this.#c ^ a;
    const d = this.#d ^ b;
    this.#a = a ^ d;
    this.#b = b ^ c;
    this.#c = c ^ (b << 9);
    this.#d = rotated(d, 11);
    return starred(b);
  }

  /** A whole number from 0 to `bound` - 1, each as likely as the others. `bound`: from 1 to 2 ** 32. */
  below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
      throw new TypeError(`bound is a whole number from 1 to 2 ** 32, got ${String(bound)}`);
    }
    const most = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const number = this.next();
      if (number < most) return number % bound;
    }
  }

  /** Where it is. */
  save(): ImageValue {
    return [this.#a, this.#b, this.#c, this.#d].map((one) => one >>> 0);
  }

  /** The way back. Throws EINVAL for what is no state. */
  restore(from: ImageReader): void {
    const state = from.list().map((one) => one.number(0, 0xffff_ffff));
    if (state.length !== 4 || state.every((one) => one === 0)) throw from.invalid('four numbers, not all of them 0');
    [this.#a, this.#b, this.#c, this.#d] = state.map((one) => one | 0) as [number, number, number, number];
  }
}
