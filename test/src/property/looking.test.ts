import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { check } from './support/check.js';
import { kernelPlan, LOOKS } from './support/looking/arbitraries.js';
import type { Look } from './support/looking/look.js';
import { finish, Looker } from './support/looking/looker.js';
import type { KernelPlan } from './support/looking/plan.js';
import {
  ARCHITECTURES,
  type ArchitectureName,
  type Composition,
  difference,
  SCHEDULERS,
  Scene,
} from './support/looking/scene.js';

/** Kernels for each way of looking, on each architecture, with each scheduler. */
const RUNS = 25;

/** What happens with nothing attached. */
function undisturbed(plan: KernelPlan, composition: Composition): readonly string[] {
  using scene = new Scene(plan, { ...composition, observed: false });
  finish(scene);
  return scene.outcome;
}

/** Up to the instruction with this number. */
function until(outcome: readonly string[], count: number): readonly string[] {
  const behind = outcome.findIndex((line) => Number(line.split(' ', 1)[0]) > count && line.includes('executed'));
  const lines = behind < 0 ? outcome : outcome.slice(0, behind);
  return lines.filter((line) => line.includes('executed'));
}

function looked(plan: KernelPlan, looks: readonly Look[], composition: Composition): void {
  using scene = new Scene(plan, composition);
  const looker = new Looker(scene, { perf: composition.scheduler === 'events', kgdb: composition.arch !== 'none' });
  looker.play(looks);
  const expected = undisturbed(plan, composition);
  const { departure } = scene.kernel.machine;
  if (looks.every(({ look }) => look !== 'order')) assert.equal(departure, undefined, 'nothing was ordered');
  const found =
    departure === undefined
      ? difference(expected, scene.outcome)
      : difference(until(expected, departure.count), until(scene.outcome, departure.count));
  assert.ok(found === undefined, `looking changed something:\n${found}`);
}

for (const arch of Object.keys(ARCHITECTURES) as ArchitectureName[]) {
  for (const scheduler of SCHEDULERS) {
    const composition = { arch, scheduler, observed: true };
    for (const [name, look] of Object.entries<fc.Arbitrary<readonly Look[]>>(LOOKS)) {
      if (name === 'perf events' && scheduler === 'direct') continue;
      if (name.startsWith('a debugger') && arch === 'none') continue;
      test(`${arch}, ${scheduler}: ${name} changes nothing`, (t) => {
        const property = fc.property(kernelPlan, look, (plan, list) => looked(plan, list, composition));
        check(t, property, RUNS);
      });
    }
  }
}
