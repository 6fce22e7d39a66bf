import type { PlannedStep } from '../plan.js';
import type { Weighted } from './random.js';
import type { Action, Scene } from './scene.js';
import { spawn } from './task-actions.js';

/** Most steps of a generated script; the fewest are four. */
export const MOST_STEPS = 25;
const FEWEST_STEPS = 4;

/** How scripts of one kind are made. */
export interface Profile {
  /** What they are about, for the title. */
  readonly name: string;
  /** What is read back after each step. */
  readonly after: Weighted<string>;
  /** How they begin. */
  readonly opening: (scene: Scene) => readonly PlannedStep[];
  readonly actions: Weighted<Action>;
}

/** Draws actions until the script has its length. */
export function play({ opening, actions }: Profile, scene: Scene): PlannedStep[] {
  const steps = [...opening(scene)];
  const draw = (): number => scene.random.between(FEWEST_STEPS, MOST_STEPS);
  const length = Math.max(draw(), draw());
  // An action that the scene has no use for makes no step: a few hundred draws find one that does.
  for (let draws = 0; steps.length < length && draws < 40 * length; draws++) {
    // Where everybody is dead, somebody new comes, most of the time.
    const lonely = scene.living.length === 0 && scene.random.chance(70);
    const made = lonely ? spawn(scene) : scene.random.weighted(actions)(scene);
    if (steps.length + made.length <= MOST_STEPS) steps.push(...made);
  }
  return steps;
}
