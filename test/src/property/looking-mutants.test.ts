import test from 'ava';
import fc from 'fast-check';
import { kernelPlan, LOOKS } from './support/looking/arbitraries.js';
import type { Look } from './support/looking/look.js';
import { finish, Looker } from './support/looking/looker.js';
import type { KernelPlan } from './support/looking/plan.js';
import { difference, Scene } from './support/looking/scene.js';

/** Kernels in which a mutant has to be found. */
const RUNS = 60;
const SEED = 20091108;
const X86 = { arch: 'x86', scheduler: 'direct' } as const;

/** Of the kernels, those in which somebody who does this is found out. */
function found(looks: fc.Arbitrary<readonly Look[]>, meddle: (scene: Scene) => void): number {
  const samples = fc.sample(fc.tuple(kernelPlan, looks), { numRuns: RUNS, seed: SEED });
  return samples.filter(([plan, list]) => isFound(plan, list, meddle)).length;
}

function isFound(plan: KernelPlan, looks: readonly Look[], meddle: (scene: Scene) => void): boolean {
  using undisturbed = new Scene(plan, { ...X86, observed: false });
  finish(undisturbed);
  using scene = new Scene(plan, { ...X86, observed: true });
  meddle(scene);
  new Looker(scene, { perf: false, kgdb: true }).play(looks);
  return difference(undisturbed.outcome, scene.outcome) !== undefined;
}

/** Does something in the handler of a watch of everything that is shared. */
const inHandlers =
  (action: (scene: Scene, cpu: number) => void) =>
  (scene: Scene): void => {
    const handler = ({ cpu }: { readonly cpu: { readonly index: number } }): void => action(scene, cpu.index);
    for (let n = 0; n < 4; n++) {
      const attr = { bp_type: 3, bp_addr: scene.kernelWord(n), bp_len: 8 };
      scene.kernel.breakpoints.registerWide(attr, handler);
    }
  };

const nothing = fc.constant<readonly Look[]>([]);
const locked = fc.constant<readonly Look[]>([
  { look: 'attach', threads: 'cpus' },
  { look: 'order', what: 'continue alone', thread: 0, budget: 40 },
  { look: 'order', what: 'step alone', thread: 1, budget: 40 },
]);

test('nobody is found who does nothing in a handler', (t) => {
  const none = found(
    nothing,
    inHandlers(() => {}),
  );
  t.is(none, 0);
});

const SEEING = ['breakpoints', 'perf events', 'the tracer of symbols', 'a debugger', 'all of them'] as const;

for (const name of SEEING) {
  test(`${name}: whoever looks sees something in every fifth kernel`, (t) => {
    const samples = fc.sample(fc.tuple(kernelPlan, LOOKS[name]), { numRuns: RUNS, seed: SEED });
    const seeing = samples.filter(([plan, list]) => {
      using scene = new Scene(plan, { arch: 'x86', scheduler: 'events', observed: true });
      const looker = new Looker(scene, { perf: true, kgdb: true });
      looker.play(list);
      return looker.seen > 0;
    });
    t.true(seeing.length >= RUNS / 5, `${seeing.length} of ${RUNS}`);
  });
}

const MUTANTS = {
  'writes memory': inHandlers(({ kernel, shared }) => kernel.machine.kernelMemory.write(shared, Uint8Array.of(0x55))),
  'ends a time slice': inHandlers(({ kernel }, cpu) => kernel.machine.schedule(cpu)),
  'lets time pass': inHandlers(({ kernel }, cpu) => kernel.machine.cpu(cpu).clock.advance(1)),
  'wakes a task': inHandlers((scene) => scene.wake(0)),
};

for (const [name, meddle] of Object.entries(MUTANTS)) {
  test(`a handler that ${name} is found`, (t) => {
    t.true(found(nothing, meddle) > 0);
  });
}

test('a debugger that lets one thread go on alone is found', (t) => {
  t.true(found(locked, () => {}) > 0);
});
