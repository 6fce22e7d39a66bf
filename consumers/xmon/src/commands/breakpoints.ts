import { MESSAGES } from '../messages.js';
import type { DataMode } from '../points/data-points.js';
import { Refusal } from '../refusal.js';
import { addressText } from '../text/symbol-text.js';
import { type Command, type Desk, symbolsOf, wordOf } from './command.js';

const at = (desk: Desk, address: bigint, between?: string): string =>
  addressText(symbolsOf(desk), address, wordOf(desk), between);

function requireWriting({ readOnly }: Desk): void {
  if (readOnly) throw new Refusal(MESSAGES.READ_ONLY);
}

function list(desk: Desk): string {
  const { points } = desk;
  return [
    '   type            address',
    ...points.data.map(({ address, mode }) => `   data   ${at(desk, address).split(' ')[0]}  [${mode}]`),
    ...points.entries.map(({ number, address, instruction }) => {
      const kind = instruction ? 'inst' : 'trap';
      return `${number.toString(16).padStart(2)} ${kind}   ${at(desk, address, '  ')}`;
    }),
  ].join('\n');
}

export const B: Command = {
  names: ['b'],
  usage: 'b [ADDR]',
  help: 'list breakpoints; or set one at an instruction of the kernel, in software',
  run(desk, args) {
    const address = args.address();
    args.end();
    if (address === undefined) return list(desk);
    requireWriting(desk);
    desk.points.setTrap(address);
    return '';
  },
};

export const BI: Command = {
  names: ['bi'],
  usage: 'bi [ADDR]',
  help: 'set the hardware instruction breakpoint instead of the one that there is; or clear it',
  run(desk, args) {
    requireWriting(desk);
    const address = args.address();
    args.end();
    if (address === undefined) desk.points.clearInstruction();
    else desk.points.setInstruction(address);
    return '';
  },
};

const MODES: ReadonlyMap<string, DataMode> = new Map([
  ['bd', 'rw'],
  ['bdr', 'r'],
  ['bdw', 'w'],
]);

export const BD: Command = {
  names: [...MODES.keys()],
  usage: 'bd[r|w] ADDR',
  help: 'watch a doubleword of the kernel in hardware: for reads and writes, reads, writes',
  run(desk, args, name) {
    requireWriting(desk);
    const address = args.address();
    args.end();
    desk.points.setData(address, MODES.get(name) ?? 'rw');
    return '';
  },
};

export const BC: Command = {
  names: ['bc'],
  usage: 'bc [N|ADDR]',
  help: 'clear all breakpoints; or one, by its number or address',
  run(desk, args) {
    const which = args.address();
    args.end();
    if (which === undefined) {
      desk.points.clearAll();
      return MESSAGES.ALL_CLEARED;
    }
    const cleared = desk.points.clear(which);
    if (cleared === undefined) throw new Refusal(`No breakpoint at ${which.toString(16)}`);
    if (cleared === 'data') return `Cleared data breakpoint (${at(desk, which)})`;
    return `Cleared breakpoint ${cleared.number.toString(16)} (${at(desk, cleared.address)})`;
  },
};
