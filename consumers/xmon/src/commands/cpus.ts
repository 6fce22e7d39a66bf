import { Refusal } from '../refusal.js';
import type { Command, Desk } from './command.js';
import { cpuText, placeText } from './place.js';

function list({ parts: { machine }, cpu }: Desk): string {
  return machine.onlineCpus
    .map((other) => `${other === cpu ? '*' : ' '} ${cpuText(other)}: ${machine.upcoming(other) ?? 'idle'}`)
    .join('\n');
}

export const C: Command = {
  names: ['c'],
  usage: 'c [N]',
  help: 'list the CPUs, with what they run; or show another one',
  run(desk, args) {
    const index = args.number('CPU');
    args.end();
    if (index === undefined) return list(desk);
    const cpu = desk.parts.machine.onlineCpus.find((other) => BigInt(other.index) === index);
    if (cpu === undefined) throw new Refusal(`There is no CPU 0x${index.toString(16)} online`);
    desk.cpu = cpu;
    return `${cpuText(cpu)}\n${placeText(desk, cpu)}`;
  },
};
