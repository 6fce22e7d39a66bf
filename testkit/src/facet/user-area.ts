import { joinHalves, type Task, USER_AREA, USER_DEBUG_REGISTERS, type UserArea } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import type { Lab } from '../lab/lab.js';
import { plain } from '../lab/spot.js';
import { type FacetCase, facetCase } from './facet-subject.js';
import { checkRegisters } from './register-file.js';

const asleep = (lab: Lab): Task => lab.task([plain()], { run: false });

/** Every field of the structure, by its offset. */
function fieldsOf(area: UserArea) {
  const offsets = Array.from({ length: Math.floor(area.size / area.wordSize) }, (_, word) => word * area.wordSize);
  return offsets.map((offset) => ({ offset, field: area.field(offset) }));
}

/** `struct user`: where everything is, and that it is what it says. */
export const userAreaCases: readonly FacetCase[] = [
  facetCase('user-area-has-a-field-at-every-word', USER_AREA, (area, { manifest }) => {
    equal(area.wordSize, manifest.wordSize, 'bytes of a word, and those of the manifest');
    equal(area.size % area.wordSize, 0, 'bytes behind the last word');
    for (const { offset, field } of fieldsOf(area)) ok(field !== undefined, `there is a field at offset ${offset}`);
    const { size, wordSize } = area;
    for (const offset of [-wordSize, -1, size, size + wordSize, size * 2, 1, wordSize - 1, wordSize + 1, size - 1, 0.5])
      equal(area.field(offset), undefined, `the field at offset ${offset}, of ${size} bytes`);
  }),

  facetCase('user-area-names-each-register-once', USER_AREA, (area) => {
    const names = fieldsOf(area).flatMap(({ field }) => (field?.kind === 'general' ? [field.name] : []));
    equal(new Set(names).size, names.length, 'general registers in the structure, each once');
    equal(new Set(area.generalRegisters).size, area.generalRegisters.length, 'general registers, each once');
    for (const name of area.generalRegisters) ok(names.includes(name), `${name} is in the structure`);
    const inOrder = names.filter((name) => area.generalRegisters.includes(name));
    equal(inOrder, area.generalRegisters, 'general registers by their offsets, and as GETREGS returns them');
  }),

  facetCase('user-area-knows-where-debug-registers-are', USER_AREA, (area, { kernel }) => {
    const count = kernel.facet(USER_DEBUG_REGISTERS)?.count ?? 0;
    const found = fieldsOf(area).flatMap(({ offset, field }) =>
      field?.kind === 'debug' ? [[field.register, offset] as const] : [],
    );
    for (const [register, offset] of found) {
      ok(register < count, `debug register ${register} at offset ${offset} is one of ${count}`);
      equal(area.debugOffset(register), offset, `debugOffset of register ${register}`);
    }
    for (let register = 0; register < count; register++) {
      const offset = area.debugOffset(register);
      if (offset === undefined) continue;
      equal(area.field(offset), { kind: 'debug', register }, `the field at debugOffset(${register}), ${offset}`);
    }
  }),

  facetCase('user-area-registers-read-back', USER_AREA, (area, lab, subject) => {
    const task = asleep(lab);
    checkRegisters(
      {
        names: area.generalRegisters,
        bits: () => area.wordSize * 8,
        read: (name) => area.getRegister(task, name),
        write: (name, value) => area.setRegister(task, name, value),
      },
      subject.options.writable?.userArea,
    );
  }),

  facetCase('user-area-registers-are-each-tasks-own', USER_AREA, (area, lab) => {
    const [task, other] = [asleep(lab), asleep(lab)];
    const all = (): readonly bigint[] => area.generalRegisters.map((name) => area.getRegister(other, name));
    const before = all();
    for (const name of area.generalRegisters) area.setRegister(task, name, 0x50n);
    equal(all(), before, 'registers of another task');
  }),

  facetCase('user-area-has-the-program-counter', USER_AREA, (area, lab) => {
    const task = asleep(lab);
    const { resumePoint } = task;
    const readers = (value: bigint): readonly string[] =>
      area.generalRegisters.filter((name) => area.getRegister(task, name) === value);
    resumePoint.pcHi = 0;
    resumePoint.pcLo = 0x1357_9bd0;
    const [counter, ...more] = readers(0x1357_9bd0n);
    ok(counter !== undefined && more.length === 0, `one register is the program counter: ${[counter, ...more]}`);
    area.setRegister(task, counter, 0x40_0010n);
    equal(
      joinHalves(resumePoint.pcHi, resumePoint.pcLo),
      0x40_0010n,
      `where the task goes on, once ${counter} is written`,
    );
  }),
];
