/** The weight of a task of nice 0. */
export const NICE_0 = 1024;
export const LEAST_NICE = -20;
export const MOST_NICE = 19;
/**
 * What one step of nice makes of a share: a task of one less gets about 10 % more of the CPU than one beside it,
 * whatever the two are (Linux: Documentation/scheduler/sched-nice-design.rst).
 */
const STEP = 1.25;

/** Weights from the least nice on. Multiplied step by step: what a power of a fraction is depends on the engine. */
const WEIGHTS: readonly number[] = Array.from({ length: MOST_NICE - LEAST_NICE + 1 }, (_, i) => {
  let weight = NICE_0;
  for (let nice = 0; nice > LEAST_NICE + i; nice--) weight *= STEP;
  for (let nice = 0; nice < LEAST_NICE + i; nice++) weight /= STEP;
  return Math.round(weight);
});

/** How much of a CPU a task gets, beside others. `nice`: from -20 to 19. */
export function weightOf(nice: number): number {
  return WEIGHTS[nice - LEAST_NICE] ?? NICE_0;
}
