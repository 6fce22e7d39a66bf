import type { ImageReader, ImageValue, Turn } from '@hwbp/core';

/** Who makes the choices of a schedule: chance, or a recording. Whatever is asked changes nothing. */
export interface Decisions {
  /** The turn that comes, of one of these CPUs. */
  turn(cpus: readonly number[]): Turn;
  /** It is what happens. */
  begin(turn: Turn): void;
  /** Which of so many tasks, at least two, is next. */
  task(count: number): number;
  /** It is what happens. */
  take(index: number, count: number): void;
  /** Both in one: the answer of {@link task} is what happens. */
  draw(count: number): number;
  /** The length of a turn was used up, and others could have executed. */
  preempted(): void;
  /** Choices that are known already. */
  readonly left: number;
  save(): ImageValue;
  restore(from: ImageReader): void;
}
