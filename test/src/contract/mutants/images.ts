import { DirectScheduler, defineScheduler, type ImageValue, type Kernel } from '@hwbp/core';
import { apiMutant, backendMutant, type Mutant } from './mutant.js';

const FRESH = ['scheduler/a-fresh-machine-goes-on-from-an-image'];

type Fields = Record<string, ImageValue>;

/** What writes a part of an image writes something else. */
function rewrite<Part extends { save(): ImageValue }>(part: Part, change: (written: Fields) => void): void {
  const save = part.save.bind(part);
  part.save = () => {
    const written = JSON.parse(JSON.stringify(save())) as Fields;
    change(written);
    return written;
  };
}

/** A kernel that writes a part of its image wrong. */
const imageMutant = (
  name: string,
  part: (kernel: Kernel) => { save(): ImageValue },
  change: (written: Fields) => void,
): Mutant => apiMutant(`image: ${name}`, FRESH, (kernel) => rewrite(part(kernel), change));

const breakpointsOf = (kernel: Kernel) => kernel.breakpoints.images;

/** Every breakpoint of what was written. */
function each(written: Fields, change: (breakpoint: Fields) => void): void {
  for (const one of written.breakpoints as Fields[]) change(one);
}

export const imageMutants: readonly Mutant[] = [
  imageMutant('hits are counted anew', breakpointsOf, (written) =>
    each(written, (one) => Object.assign(one, { hits: 0 })),
  ),
  imageMutant('whatever was off is on', breakpointsOf, (written) =>
    each(written, (one) => {
      if (one.state === 'off') Object.assign(one, { state: 'inactive' });
      Object.assign(one.attr as Fields, { disabled: false });
    }),
  ),
  imageMutant('breakpoints of tasks follow none', breakpointsOf, (written) => {
    const [first] = written.breakpoints as Fields[];
    each(written, (one) => {
      if (one.task !== null) Object.assign(one, { task: first?.task ?? 1 });
    });
    each(written, (one) => {
      if (one.owner === 'task') Object.assign(one, { state: 'off', attr: { ...(one.attr as Fields), disabled: true } });
    });
  }),
  imageMutant(
    'clocks begin anew',
    ({ hardware }) => hardware,
    (written) => {
      for (const cpu of written.cpus as Fields[]) Object.assign(cpu, { now: 0 });
    },
  ),
  imageMutant(
    'memory is empty',
    ({ hardware }) => hardware,
    (written) => {
      Object.assign(written.memory as Fields, { pages: [] });
    },
  ),
  imageMutant(
    'whose turn it is is forgotten',
    ({ machine }) => machine.hibernation,
    (written) => {
      Object.assign(written.loop as Fields, { turn: 0, left: 100 });
    },
  ),
  imageMutant(
    'who waits for a CPU is forgotten',
    ({ machine }) => machine.hibernation,
    (written) => {
      for (const cpu of written.cpus as Fields[]) Object.assign(cpu, { queue: [] });
    },
  ),
  imageMutant(
    'a tick is missed',
    ({ machine }) => machine.hibernation,
    (written) => {
      for (const cpu of written.cpus as Fields[]) Object.assign(cpu, { tick: Number(cpu.tick) + 4_000_000 });
    },
  ),
  apiMutant(
    'image: one that is refused leaves the machine asleep',
    ['scheduler/what-cannot-be-written-down-is-left-as-it-was'],
    (kernel) => {
      const hibernate = kernel.hibernate.bind(kernel);
      kernel.hibernate = () => {
        try {
          return hibernate();
        } catch (error) {
          kernel.suspend();
          throw error;
        }
      };
    },
  ),
  apiMutant(
    'image: functions without a name are left out',
    ['scheduler/what-cannot-be-written-down-is-left-as-it-was'],
    ({ machine }) => {
      const { code } = machine.hibernation;
      const nameOf = code.nameOf.bind(code);
      code.nameOf = (one, what) => (code.knows(one) ? nameOf(one, what) : 'nothing');
    },
  ),
  backendMutant('image: the schedule is written backwards', FRESH, () => ({}), {
    options: {
      breakpointScheduler: defineScheduler('mutant', ({ machine, registers, logger }) => {
        const scheduler = new DirectScheduler(machine, registers, logger);
        const order = scheduler.image.order.bind(scheduler.image);
        scheduler.image.order = () => [...order()].reverse();
        return scheduler;
      }),
    },
  }),
];
