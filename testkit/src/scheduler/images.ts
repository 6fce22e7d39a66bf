import { type Hit, type Instruction, type Kernel, KernelError, type KernelImage, resumeKernel } from '@hwbp/core';
import { equal, thrown } from '../assert/index.js';
import { hasRegisters } from '../lab/applies.js';
import { type BackendCase, type BackendSubject, labCase } from '../lab/backend-subject.js';
import type { Lab } from '../lab/lab.js';
import { plain } from '../lab/spot.js';

/** Instructions after which kernels are written down: in the middle of turns, of hits, and of completions. */
const MOMENTS = [0, 2, 5, 30];

/** What the handler of a kernel has seen. */
type Seen = string[];

function handler(seen: Seen): (hit: Hit) => void {
  return ({ breakpoint, cpu, task, ip }) => {
    const { owner, address, hits } = breakpoint;
    seen.push(
      `${owner} ${address}, hit ${hits} on CPU ${cpu.index} at ${cpu.clock.now} ns: task ${task?.pid}, ip ${ip}`,
    );
  };
}

/** Nanoseconds: so short that tasks take turns meanwhile. */
const TICK = 7_000;

/**
 * Instructions of a task: more than are executed before states are compared, and not many, for an image has them all.
 */
const LENGTH = 60;

/** Tasks that take turns, what is watched for each, and what is watched on CPUs, as far as there are registers. */
function populate(lab: Lab, onHit: (hit: Hit) => void): void {
  const { attr, touch } = lab.spot();
  const touches = [touch, plain(), lab.spot(1).touch];
  const code: readonly Instruction[] = Array.from({ length: LENGTH }, (_, at) => touches[at % 5] ?? plain());
  const tasks = [0, 1, 1].map((cpu) => lab.task(code, { affinity: [cpu] }));
  for (const task of tasks) lab.breakpoints.registerUser(attr, onHit, task, { owner: 'task' });
  if (lab.manifest.slots.data < 3) return;
  const other = lab.spot(1);
  lab.breakpoints.registerWide(attr, onHit, { owner: 'wide' });
  lab.breakpoints.registerCpu({ ...other.attr, disabled: true }, onHit, 1, { owner: 'off' });
}

/** An image, as a file has it; `undefined`: this kernel says that it cannot be written down. */
function imageOf(kernel: Kernel): KernelImage | undefined {
  try {
    return JSON.parse(JSON.stringify(kernel.hibernate())) as KernelImage;
  } catch (error) {
    if (error instanceof KernelError && error.code === 'IMAGE_NOT_WRITABLE') return undefined;
    throw error;
  }
}

function sameAfterwards(subject: BackendSubject, moment: number): void {
  const [first, second]: [Seen, Seen] = [[], []];
  const lab = subject.lab({ code: { onHit: handler(first) }, tick: TICK });
  const { kernel } = lab;
  populate(lab, kernel.machine.hibernation.code.find('onHit') as (hit: Hit) => void);
  kernel.machine.run(moment);
  const image = imageOf(kernel);
  if (image === undefined) return;
  first.length = 0;
  const fresh = resumeKernel(subject.composition({ code: { onHit: handler(second) }, tick: TICK }), image);
  kernel.resume();
  const where = `written down after ${moment} instructions`;
  for (const one of [kernel, fresh]) one.machine.run(25);
  equal(second, first, `hits on a fresh machine, ${where}`);
  const [left, right] = [kernel, fresh].map(imageOf);
  equal(right?.state, left?.state, `the state of a fresh machine 25 instructions later, ${where}`);
  for (const one of [kernel, fresh]) {
    if (one.machine.power.suspended) one.resume();
    one.machine.run();
  }
  equal(second, first, `all hits on a fresh machine, ${where}`);
  for (const one of [kernel, fresh]) one.dispose();
}

/** A kernel that is written down, and goes on elsewhere. Parts that cannot be written down have to say so. */
export const imageCases: readonly BackendCase[] = [
  labCase('scheduler/a-fresh-machine-goes-on-from-an-image', hasRegisters, (_lab, subject) => {
    for (const moment of MOMENTS) sameAfterwards(subject, moment);
  }),

  labCase('scheduler/what-cannot-be-written-down-is-left-as-it-was', hasRegisters, (lab) => {
    const { attr, touch } = lab.spot();
    const watch = lab.onCpu(1, attr);
    lab.unchangedBy('an image that is refused', () => {
      const error = thrown(() => lab.kernel.hibernate(), 'an image of a handler without a name');
      equal((error as { code?: unknown }).code, 'IMAGE_NOT_WRITABLE', 'the code of the error');
    });
    lab.task([touch], { affinity: [1] });
    lab.run();
    equal(watch.count, 1, 'hits afterwards');
  }),
];
