import type { PlannedStep } from '../plan.js';
import type { Action, Scene } from './scene.js';
import { first } from './task-actions.js';

/** How a script begins. */
export type Opening = (scene: Scene) => readonly PlannedStep[];

export const oneTask: Opening = (scene) => [first(scene)];
export const twoTasks: Opening = (scene) => [first(scene), first(scene, false, 1)];

/** Tasks, and one or two events to begin with. */
export const begins =
  (event: Action, tasks = oneTask): Opening =>
  (scene) => [...tasks(scene), ...event(scene), ...(scene.random.chance(40) ? event(scene) : [])];
