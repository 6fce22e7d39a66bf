import { NT_PRSTATUS, REGISTER_SETS, type RegisterSet, SI_CODES, SINGLE_STEP, type Task, USER_AREA } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import type { Lab } from '../lab/lab.js';
import { plain } from '../lab/spot.js';
import { type FacetCase, facetCase } from './facet-subject.js';

const asleep = (lab: Lab): Task => lab.task([plain()], { run: false });

/** Where each set may be cut. */
function lengthsOf({ size, elementSize }: RegisterSet): readonly number[] {
  return Array.from({ length: size / elementSize + 1 }, (_, count) => count * elementSize);
}

/** SIGTRAPs of a task that executes three instructions, and where it was then. */
function trapsOf(lab: Lab, prepare: (task: Task) => void): readonly (readonly [code: number, pc: bigint])[] {
  const task = lab.task([plain(1), plain(2), plain(3)], { run: false });
  const traps: [number, bigint][] = [];
  task.tracer = {
    signal: (_task, { si_signo, si_code }) => {
      if (si_signo === 'SIGTRAP') traps.push([si_code, task.context.pc]);
      return 'stop';
    },
  };
  prepare(task);
  lab.machine.wake(task);
  lab.machine.run();
  lab.machine.exit(task);
  return traps;
}

/** Register sets, as PTRACE_GETREGSET and SETREGSET move them, and single steps. */
export const registerSetCases: readonly FacetCase[] = [
  facetCase('register-sets-read-in-parts', REGISTER_SETS, ({ sets }, lab) => {
    ok(sets.size > 0, 'there is a set');
    const task = asleep(lab);
    for (const [type, set] of sets) {
      const what = `set 0x${type.toString(16)}`;
      equal(set.size % set.elementSize, 0, `${what}: bytes behind the last element`);
      const all = set.read(task, set.size);
      equal(all.length, set.size, `${what}: bytes of all of it`);
      for (const length of lengthsOf(set)) {
        equal([...set.read(task, length)], [...all.slice(0, length)], `${what}: its first ${length} bytes`);
      }
    }
    ok(!lab.breakpoints.isUsed, 'reading takes no slot');
  }),

  facetCase('register-sets-write-what-they-read', REGISTER_SETS, ({ sets }, lab) => {
    const task = asleep(lab);
    for (const [type, set] of sets) {
      const before = set.read(task, set.size);
      for (const length of lengthsOf(set)) {
        // One that ends where no register does may be refused.
        try {
          set.write(task, before.slice(0, length));
        } catch {}
        equal(
          [...set.read(task, set.size)],
          [...before],
          `set 0x${type.toString(16)} behind ${length} bytes of itself`,
        );
      }
    }
    ok(!lab.breakpoints.isUsed, 'what writes nothing takes no slot');
  }),

  facetCase('register-sets-are-each-tasks-own', REGISTER_SETS, ({ sets }, lab) => {
    const [one, other] = [asleep(lab), asleep(lab)];
    const set = sets.get(NT_PRSTATUS);
    if (set === undefined) return;
    const before = set.read(other, set.size);
    set.write(one, new Uint8Array(set.size).fill(0x11));
    ok(set.read(one, set.size)[0] === 0x11, 'the first byte, as it was written');
    equal([...set.read(other, set.size)], [...before], 'the set of another task');
  }),

  facetCase('general-registers-are-the-user-area', REGISTER_SETS, ({ sets }, lab) => {
    const area = lab.kernel.facet(USER_AREA);
    const set = sets.get(NT_PRSTATUS);
    if (area === undefined || set === undefined) return;
    const task = asleep(lab);
    for (const [i, name] of area.generalRegisters.entries()) area.setRegister(task, name, BigInt(0x100 + 8 * i));
    const view = new DataView(set.read(task, set.size).buffer);
    const little = lab.manifest.byteOrder === 'little';
    const words = area.generalRegisters.map((_, i) =>
      area.wordSize === 8 ? view.getBigUint64(8 * i, little) : BigInt(view.getUint32(4 * i, little)),
    );
    equal(
      words,
      area.generalRegisters.map((name) => area.getRegister(task, name)),
      'NT_PRSTATUS, word by word',
    );
  }),

  facetCase('a-step-is-one-instruction', SINGLE_STEP, (step, lab) => {
    const [first] = trapsOf(lab, (task) => step.enable(task));
    equal(first?.[0], SI_CODES.TRAP_TRACE, 'si_code of the SIGTRAP behind a step');
    equal(first?.[1], plain(2).pc, 'where the task is behind a step');
    equal(
      trapsOf(lab, () => {}),
      [],
      'SIGTRAPs of a task that nobody steps',
    );
    const called = trapsOf(lab, (task) => {
      step.enable(task);
      step.disable(task);
    });
    equal(called, [], 'SIGTRAPs of a task whose step was called off');
  }),
];
