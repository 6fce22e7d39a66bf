import assert from 'node:assert/strict';
import { MODELS, type RegisterView } from '@hwbp/playground/model';
import test from 'ava';
import fc from 'fast-check';
import { check } from '../property/support/check.js';
import {
  AMD,
  ARM_FORMS,
  arm,
  INTEL,
  ISA_31,
  ISA_206,
  ISA_207,
  type ManualRegister,
  SDTRIG,
  SDTRIG_FORMS,
  SDTRIG_MCONTROL,
} from './manual-tables.js';
import { type ModelName, registerOf, registersOf } from './registers-of.js';

/** The manual of each model, and what it has beside for registers that hold something else than 0. */
const MANUALS: Readonly<
  Record<ModelName, readonly [all: readonly ManualRegister[], forms: readonly ManualRegister[]]>
> = {
  x86: [INTEL, []],
  'x86-intel': [INTEL, []],
  'x86-amd': [AMD, []],
  power7: [ISA_206, []],
  power8: [ISA_207, []],
  power9: [ISA_207, []],
  power10: [ISA_31, []],
  arm64: [arm(4, 6), ARM_FORMS],
  'arm64-fewest': [arm(2, 2), ARM_FORMS],
  'arm64-most': [arm(16, 16), ARM_FORMS],
  riscv64: [SDTRIG, SDTRIG_FORMS],
  'riscv64-after': [SDTRIG, SDTRIG_FORMS],
  'riscv64-mcontrol': [SDTRIG_MCONTROL, SDTRIG_FORMS],
};
const NAMES = Object.keys(MANUALS) as ModelName[];

/** Names of what a manual has no field for. */
const NO_FIELD = new Set(['reserved', 'other causes']);

/** `name high:low` of every field, the highest first; from a manual that counts from the left, its numbers. */
function fieldsOf({ fields }: RegisterView, fromLeft = false): readonly string[] {
  return fields
    .filter(({ name }) => !NO_FIELD.has(name))
    .map(({ name, bits, manualBits }) => {
      const numbers = fromLeft ? (manualBits?.replace(/^ISA /, '') ?? 'none') : bits;
      return `${name} ${numbers.includes(':') ? numbers : `${numbers}:${numbers}`}`;
    });
}

function rowsOf({ fields, fromLeft }: ManualRegister): readonly string[] {
  return fields
    .split('\n')
    .map((line) => line.trim().split(' '))
    .filter(({ length }) => length > 1)
    .sort((one, other) => (Number(other[2]) - Number(one[2])) * (fromLeft === true ? -1 : 1))
    .map(([name, first, last]) => `${name} ${first}:${last}`);
}

for (const model of NAMES) {
  const [all, forms] = MANUALS[model];
  test(`${model}: every register, and every field of it where its manual has it`, (t) => {
    t.deepEqual(
      registersOf(model).map(({ name }) => name),
      all.map(({ register }) => register),
    );
    for (const manual of [...all, ...forms]) {
      const { register, holding, fromLeft } = manual;
      const view = registerOf(model, register, holding);
      t.deepEqual(
        fieldsOf(view, fromLeft),
        rowsOf(manual),
        `${register} ${JSON.stringify(Object.keys(holding ?? {}))}`,
      );
      t.is(
        view.fields.every(({ manualBits }) => manualBits !== undefined),
        fromLeft === true || view.fields.length === 0,
        `${register}: numbers from the left`,
      );
    }
  });

  test(`${model}: whatever registers hold, each bit is in one field, and the fields are the value`, (t) => {
    const property = fc.property(fc.infiniteStream(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), (stream) => {
      const held = new Map<string, bigint>();
      const registers = MODELS[model].registers((name, select) => {
        const key = `${name} ${select?.value}`;
        const known = held.get(key) ?? (stream.next().value as bigint);
        held.set(key, known);
        return known;
      });
      for (const { name, value, fields } of registers) {
        let next = 4 * (value.length - 2);
        let joined = 0n;
        for (const { bits, value: of, meaning } of fields) {
          const [high = Number.NaN, low = high] = bits.split(':').map(Number);
          assert.equal(high, next - 1, `${name}: bits ${bits}`);
          assert.match(of, high === low ? /^[01]$/ : /^0x(0|[1-9a-f][0-9a-f]*)$/, `${name}: bits ${bits}`);
          assert.notEqual(meaning, '', `${name}: bits ${bits}`);
          joined |= BigInt(of) << BigInt(low);
          next = low;
        }
        if (fields.length > 0) assert.deepEqual([next, joined], [0, BigInt(value)], name);
      }
    });
    check(t, property, 20);
  });
}

test("every register is cited from the manual of its model's maker and edition", (t) => {
  const editions: Readonly<Record<ModelName, RegExp>> = {
    x86: /^Intel SDM vol\. 3 \(order 325384-083\), 18\.2\.[134] Debug/,
    'x86-intel': /^Intel SDM vol\. 3 \(order 325384-083\), 18\.2\.[134] Debug/,
    'x86-amd': /^AMD APM vol\. 2 \(24593, of June 2023 or later\), 13\.1\.1\.[134] /,
    power7: /^Power ISA 2\.06, Book III-S, /,
    power8: /^Power ISA 2\.07, Book III-S, /,
    power9: /^Power ISA 3\.0, Book III, /,
    power10: /^Power ISA 3\.1, Book III, /,
    arm64: /^Arm ARM \(DDI 0487 L\.a\), D24\.(3\.(2|3|11|12|20)|2) /,
    'arm64-fewest': /^Arm ARM \(DDI 0487 L\.a\), D24\.(3\.(2|3|11|12|20)|2) /,
    'arm64-most': /^Arm ARM \(DDI 0487 L\.a\), D24\.(3\.(2|3|11|12|20)|2) /,
    riscv64: /^RISC-V Debug Specification 1\.0, Sdtrig, /,
    'riscv64-after': /^RISC-V Debug Specification 1\.0, Sdtrig, /,
    'riscv64-mcontrol': /^RISC-V Debug Specification 1\.0, Sdtrig, /,
  };
  for (const model of NAMES) {
    for (const { name, manual, meaning } of registersOf(model)) {
      t.regex(manual, editions[model], `${model} ${name}`);
      t.true(meaning.length > 10, `${model} ${name}`);
    }
  }
});
