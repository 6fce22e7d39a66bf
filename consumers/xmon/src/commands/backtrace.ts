import { joinHalves } from '@hwbp/core';
import { Refusal } from '../refusal.js';
import { addressText } from '../text/symbol-text.js';
import { type Command, symbolsOf, wordOf } from './command.js';
import { cpuText } from './place.js';
import { registerOf } from './registers.js';

/** Where an architecture with a link register keeps who called. */
const LINK = 'lr';

export const T: Command = {
  names: ['t'],
  usage: 't',
  help: 'backtrace: where the CPU is, who called (if a register says so), and what was interrupted for it',
  run(desk, args) {
    args.end();
    const context = desk.world.contextOf(desk.cpu);
    if (context === undefined) throw new Refusal(`${cpuText(desk.cpu)} idles: it has no stack`);
    const at = (address: bigint): string => addressText(symbolsOf(desk), address, wordOf(desk));
    const lines = [at(context.pc)];
    const link = registerOf(desk, LINK) ?? 0n;
    if (link !== 0n) lines.push(`${at(link)} (link register)`);
    for (const { kind, interrupted } of desk.parts.machine.upcoming(desk.cpu)?.stack.toReversed() ?? []) {
      if (interrupted === undefined) continue;
      lines.push(
        `--- ${kind.name}`,
        `${at(joinHalves(interrupted.pcHi, interrupted.pcLo))} in ${interrupted.mode} mode`,
      );
    }
    return lines.join('\n');
  },
};
