import { T } from './backtrace.js';
import { B, BC, BD, BI } from './breakpoints.js';
import type { Command } from './command.js';
import { C } from './cpus.js';
import { E, S, X } from './execution.js';
import { D, M } from './memory.js';
import { R } from './registers.js';
import { LA, LS } from './symbols.js';

const COMMANDS: readonly Command[] = [B, BI, BD, BC, C, D, E, LA, LS, M, R, S, T, X];
const WIDTH = 26;

const HELP: Command = {
  names: ['?', 'h'],
  usage: '?, h',
  help: 'this list',
  run(_desk, args) {
    args.end();
    const lines = [...COMMANDS, HELP].map(({ usage, help }) => `${usage.padEnd(WIDTH)}${help}`);
    const arguments_ = 'ADDR is hexadecimal, a symbol, or a %register; +OFFSET or -OFFSET may follow.';
    return [...lines, arguments_].join('\n');
  },
};

const BY_NAME: ReadonlyMap<string, Command> = new Map(
  [...COMMANDS, HELP].flatMap((command) => command.names.map((name) => [name, command] as const)),
);

/** The command of a name; `undefined`: there is none. */
export function commandNamed(name: string): Command | undefined {
  return BY_NAME.get(name);
}
