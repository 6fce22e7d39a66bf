import type { TargetDescription } from '@hwbp/core';
import { Refusal } from '../refusal.js';
import { digits } from '../text/hex.js';
import { type Command, type Desk, wordOf } from './command.js';
import { cpuText } from './place.js';

/** Registers in a line. */
const COLUMNS = 3;
/** Wider ones are vectors and the like. */
const MOST_BITS = 64;

/** Those of the first feature of a description, which is the core's. */
function coreOf({ xml, registers }: TargetDescription): readonly number[] {
  const [core = ''] = xml.split('</feature>');
  const count = core.split('<reg ').length - 1;
  return registers.slice(0, count).flatMap(({ bits }, register) => (bits <= MOST_BITS ? [register] : []));
}

/** The value of a register of the CPU that is shown, by name. `pc` is the program counter, whatever it is called. */
export function registerOf({ parts: { description }, world, cpu }: Desk, name: string): bigint | undefined {
  const context = world.contextOf(cpu);
  if (context === undefined) return undefined;
  if (name === 'pc') return context.pc;
  const register = description?.registers.findIndex((known) => known.name === name) ?? -1;
  return register < 0 ? undefined : description?.read(context, register);
}

function table(desk: Desk): string {
  const context = desk.world.contextOf(desk.cpu);
  if (context === undefined) throw new Refusal(`${cpuText(desk.cpu)} idles: it has no registers`);
  const { description } = desk.parts;
  if (description === undefined) return `${cell('pc', digits(context.pc, wordOf(desk)))}`;
  const cells = coreOf(description).map((register) => {
    const { name, bits } = description.registers[register] ?? { name: '', bits: 0 };
    return cell(name, digits(description.read(context, register), bits / 8));
  });
  const lines: string[] = [];
  for (let i = 0; i < cells.length; i += COLUMNS) {
    const row = cells.slice(i, i + COLUMNS).map((text) => text.padEnd(9 + 2 * wordOf(desk)));
    lines.push(row.join('  ').trimEnd());
  }
  return lines.join('\n');
}

const cell = (name: string, value: string): string => `${name.padEnd(6)} = ${value}`;

export const R: Command = {
  names: ['r'],
  usage: 'r [NAME]',
  help: 'registers of the CPU that is shown; or one of them',
  run(desk, args) {
    const name = args.word();
    args.end();
    if (name === undefined) return table(desk);
    const value = registerOf(desk, name.replace(/^%/, ''));
    if (value === undefined) throw new Refusal(`${cpuText(desk.cpu)} has no register '${name}' now`);
    return cell(name.replace(/^%/, ''), digits(value, wordOf(desk)));
  },
};
