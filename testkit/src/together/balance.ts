import { KernelError } from '@hwbp/core';
import * as fc from 'fast-check';
import { equal, holds, ok } from '../assert/index.js';
import { hasRegisters } from '../lab/applies.js';
import type { BackendCase, BackendSubject } from '../lab/backend-subject.js';
import type { Lab } from '../lab/lab.js';

const OPERATIONS = ['user', 'bound', 'cpu', 'unregister', 'move', 'disable', 'enable', 'bad', 'run'] as const;

/** Registers and breakpoints name each other, and nothing is in a register that should not be. */
function checkRegisters({ breakpoints, machine }: Lab): void {
  for (const breakpoint of breakpoints.registered) {
    const { state, onCpu, register } = breakpoint;
    equal(state === 'active', register >= 0, `a breakpoint in state ${state} has register ${register}`);
    if (state !== 'active') continue;
    ok(
      breakpoints.occupants(onCpu)[register] === breakpoint,
      `register ${register} of CPU ${onCpu} is the breakpoint's`,
    );
  }
  for (const { index } of machine.cpus) {
    for (const [register, occupant] of breakpoints.occupants(index).entries()) {
      if (occupant === undefined) continue;
      const { state, onCpu, register: own } = occupant;
      equal([state, onCpu, own], ['active', index, register], `occupant of register ${register} of CPU ${index}`);
    }
  }
}

function perform(lab: Lab, operation: (typeof OPERATIONS)[number], n: number): void {
  const { breakpoints, machine } = lab;
  const tasks = [...machine.tasks.values()];
  const task = tasks[n % tasks.length];
  const one = breakpoints.registered[n % Math.max(1, breakpoints.registered.length)];
  const { attr } = lab.spot(n % 7);
  if (operation === 'run') machine.run(n);
  else if (operation === 'cpu') lab.onCpu(n % 2, attr);
  else if (operation === 'bad') lab.onCpu(n % 2, { ...attr, bp_len: 0 });
  else if (operation === 'unregister') breakpoints.unregister(one);
  else if (operation === 'user' && task !== undefined) lab.user(task, attr);
  else if (operation === 'bound' && task !== undefined) lab.user(task, attr, undefined, { cpu: n % 2 });
  else if (one === undefined) return;
  else if (operation === 'move') breakpoints.modify(one, { bp_addr: attr.bp_addr });
  else if (operation === 'disable') breakpoints.disable(one);
  else if (operation === 'enable') breakpoints.enable(one);
}

function checkSequence(
  subject: BackendSubject,
  steps: readonly (readonly [(typeof OPERATIONS)[number], number])[],
): void {
  const lab = subject.lab({ tick: 5000 });
  const { touch } = lab.spot();
  for (let i = 0; i < 3; i++) lab.task(Array.from({ length: 400 }, () => touch));
  for (const [operation, n] of steps) {
    try {
      perform(lab, operation, n);
    } catch (error) {
      if (!(error instanceof KernelError) || !['ENOSPC', 'EINVAL'].includes(error.errno)) throw error;
    }
    checkRegisters(lab);
  }
  lab.finish();
}

/** Whatever is done in whatever order: registers and breakpoints agree, and in the end nothing is left. */
export const balanceCases: readonly BackendCase[] = [
  {
    id: 'together/any-sequence-leaves-no-residue',
    applies: ({ manifest }) => hasRegisters(manifest),
    run: (subject) => {
      const step = fc.tuple(fc.constantFrom(...OPERATIONS), fc.integer({ min: 1, max: 40 }));
      const property = fc.property(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), (steps) =>
        checkSequence(subject, steps),
      );
      holds(property, { seed: 20091108, numRuns: 25 });
    },
  },
];
