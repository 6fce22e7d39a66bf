import type { ByteOrder } from '../hardware/index.js';

/** One register of a target description. */
export interface TargetRegister {
  readonly name: string;
  /** Bits, a multiple of 8. */
  readonly bits: number;
}

/** A target's registers as a debugger is told of them (the GDB manual's appendix "Target Descriptions"). */
export interface TargetLayout {
  /** `target.xml`, complete: nothing is included from elsewhere. */
  readonly xml: string;
  /** Every register of the XML, in its order: a register's number is its place here. */
  readonly registers: readonly TargetRegister[];
  readonly byteOrder: ByteOrder;
  /** Number of the program counter. */
  readonly counter: number;
  /** Registers that a debugger wants to see at every stop: program counter, stack pointer, ... */
  readonly expedited: readonly number[];
}

/** A register as it is described. */
export interface RegisterFields extends TargetRegister {
  /** One of GDB's predefined types, such as `code_ptr`, `data_ptr`, `ieee_double`; or one of the feature's own. */
  readonly type?: string;
}

/** Registers that belong together, under a name that GDB may know: `org.gnu.gdb.riscv.cpu`. */
export interface TargetFeature {
  readonly name: string;
  readonly registers: readonly RegisterFields[];
  /** Types of its own, as XML: put in front of the registers. */
  readonly types?: string;
}

/** What a {@link TargetLayout} is made of. */
export interface TargetLayoutFields {
  /** GDB's name of the architecture: `set architecture` lists them. */
  readonly architecture: string;
  readonly features: readonly TargetFeature[];
  readonly byteOrder: ByteOrder;
  /** Name of the program counter. */
  readonly counter: string;
  /** Names of the registers that come with every stop. Default: the program counter. */
  readonly expedited?: readonly string[];
}

const escapeXml = (text: string): string => text.replaceAll(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`);

function formatRegister({ name, bits, type = 'int' }: RegisterFields): string {
  if (!Number.isInteger(bits) || bits < 8 || bits % 8 !== 0)
    throw new TypeError(`register ${name} has ${bits} bits: it takes a multiple of 8`);
  return `<reg name="${escapeXml(name)}" bitsize="${bits}" type="${escapeXml(type)}"/>`;
}

function formatFeature({ name, registers, types = '' }: TargetFeature): string {
  return `<feature name="${escapeXml(name)}">${types}${registers.map(formatRegister).join('')}</feature>`;
}

/**
 * A target description from a list of registers, in the order in which GDB numbers them. Throws a TypeError for a name
 * that is there twice or not at all, and for widths that are no multiple of 8 bits.
 */
export function targetLayout(fields: TargetLayoutFields): TargetLayout {
  const { architecture, features, byteOrder, counter, expedited = [counter] } = fields;
  const registers = features.flatMap(({ registers: list }) =>
    list.map(({ name, bits }): TargetRegister => Object.freeze({ name, bits })),
  );
  const numbers = new Map(registers.map(({ name }, number) => [name, number]));
  const twice = registers.find(({ name }, number) => numbers.get(name) !== number);
  if (twice !== undefined) throw new TypeError(`there are two registers ${twice.name}`);
  const numberOf = (name: string): number => {
    const number = numbers.get(name);
    if (number === undefined) throw new TypeError(`there is no register ${name} among those of the features`);
    return number;
  };
  const body = features.map(formatFeature).join('');
  return Object.freeze({
    xml: `<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target version="1.0"><architecture>${escapeXml(architecture)}</architecture>${body}</target>`,
    registers: Object.freeze(registers),
    byteOrder,
    counter: numberOf(counter),
    expedited: Object.freeze(expedited.map(numberOf)),
  });
}
