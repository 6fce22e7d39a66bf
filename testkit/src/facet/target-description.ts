import { Context, TARGET_DESCRIPTION, type TargetDescription } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { type FacetCase, facetCase } from './facet-subject.js';
import { checkRegisters, type RegisterAccess } from './register-file.js';

/** Elements `reg` of the XML, in their order. */
function registersOf(xml: string): readonly { readonly name: string; readonly bits: number }[] {
  return [...xml.matchAll(/<reg\s([^>]*)\/?>/g)].map(([, attributes = '']) => {
    const attribute = (key: string): string => new RegExp(`\\b${key}="([^"]*)"`).exec(attributes)?.[1] ?? '';
    return { name: attribute('name'), bits: Number(attribute('bitsize')) };
  });
}

function accessTo(description: TargetDescription, context: Context): RegisterAccess {
  const { registers } = description;
  const numbers = new Map(registers.map(({ name }, number) => [name, number]));
  const numberOf = (name: string): number => numbers.get(name) ?? -1;
  return {
    names: registers.map(({ name }) => name),
    bits: (name) => registers[numberOf(name)]?.bits ?? 0,
    read: (name) => description.read(context, numberOf(name)),
    write: (name, value) => description.write(context, numberOf(name), value),
  };
}

/** What a debugger from outside is told of the registers, and whether it is so. */
export const targetCases: readonly FacetCase[] = [
  facetCase('target-xml-lists-the-registers', TARGET_DESCRIPTION, ({ xml, registers }) => {
    equal(
      registersOf(xml),
      registers.map(({ name, bits }) => ({ name, bits })),
      'registers of target.xml, in order',
    );
    ok(xml.startsWith('<?xml'), `target.xml begins with <?xml, and not with ${xml.slice(0, 8)}`);
    for (const part of ['<!DOCTYPE target SYSTEM "gdb-target.dtd">', '<architecture>', '<feature name="', '</target>'])
      ok(xml.includes(part), `target.xml has ${part}`);
    ok(!xml.includes('xi:include'), 'target.xml is complete: it includes nothing');
    const opened = [...xml.matchAll(/<(feature|flags|struct|union|vector|target|architecture)\b[^/>]*>/g)].length;
    const closed = [...xml.matchAll(/<\/(feature|flags|struct|union|vector|target|architecture)>/g)].length;
    equal(closed, opened, 'elements of target.xml that are closed');
  }),

  facetCase(
    'target-registers-have-names-of-their-own',
    TARGET_DESCRIPTION,
    ({ registers, counter, expedited }, lab) => {
      const names = registers.map(({ name }) => name);
      equal(new Set(names).size, names.length, 'names of registers, each once');
      for (const { name, bits } of registers) {
        ok(name.length > 0, 'a register has a name');
        ok(Number.isInteger(bits) && bits >= 8 && bits % 8 === 0, `${name} has ${bits} bits, a multiple of 8`);
      }
      const isNumber = (number: number): boolean => Number.isInteger(number) && registers[number] !== undefined;
      ok(isNumber(counter), `the program counter's number, ${counter}, is a register's`);
      ok(expedited.every(isNumber), `numbers of the registers that come with every stop are registers': ${expedited}`);
      equal(new Set(expedited).size, expedited.length, 'registers that come with every stop, each once');
      ok(expedited.includes(counter), 'the program counter comes with every stop');
      equal(registers[counter]?.bits, lab.manifest.wordSize * 8, 'bits of the program counter');
    },
  ),

  facetCase('target-byte-order-is-the-architectures', TARGET_DESCRIPTION, ({ byteOrder }, { manifest }) => {
    equal(byteOrder, manifest.byteOrder, 'byte order of the description, and of the manifest');
  }),

  facetCase('target-counter-is-the-program-counter', TARGET_DESCRIPTION, (description) => {
    const context = new Context();
    for (const pc of [0x1234_5678n, 0n, 0x7fff_fff0n]) {
      context.pc = pc;
      equal(description.read(context, description.counter), pc, 'the counter as the description reads it');
    }
    description.write(context, description.counter, 0x40_0010n);
    equal(context.pc, 0x40_0010n, 'where the CPU goes on, once the description has written the counter');
  }),

  facetCase('target-registers-read-back', TARGET_DESCRIPTION, (description, _lab, subject) => {
    for (const mode of ['user', 'kernel'] as const) {
      const context = new Context();
      context.mode = mode;
      checkRegisters(accessTo(description, context), subject.options.writable?.target);
    }
  }),

  facetCase('target-registers-are-each-contexts-own', TARGET_DESCRIPTION, (description) => {
    const [one, other] = [new Context(), new Context()];
    const all = (): readonly bigint[] => description.registers.map((_, number) => description.read(other, number));
    const before = all();
    for (const number of description.registers.keys()) description.write(one, number, 0x5an);
    equal(all(), before, 'registers of another context');
  }),

  facetCase('target-description-is-always-the-same', TARGET_DESCRIPTION, (description, _lab, subject) => {
    const lab = subject.lab();
    const again = lab.kernel.facet(TARGET_DESCRIPTION);
    equal(
      [again?.xml, again?.registers],
      [description.xml, description.registers],
      'the description of another kernel',
    );
    ok(Object.isFrozen(description.registers), 'the list of registers is frozen');
    lab.finish();
  }),
];
