import type { Machine } from '@hwbp/core';
import type { TargetParts } from '../target/parts.js';
import type { MonitorPort } from '../target/port.js';
import { slotTable } from './slot-table.js';

interface Command {
  readonly help: string;
  run(parts: TargetParts, refusal: string | undefined): string;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  bps: {
    help: 'every debug register of every CPU and who holds it; they are armed again when the machine goes on',
    run: (parts) => slotTable(parts),
  },
  schedule: {
    help: 'whether everybody executes what they would have executed without a debugger, and since when not',
    run: ({ machine }) => scheduleText(machine),
  },
  why: {
    help: 'why the latest refused request was refused',
    run: (_parts, refusal) => `${refusal ?? 'nothing was refused'}\n`,
  },
  help: {
    help: 'this list',
    run: () => helpText(),
  },
};

function scheduleText({ departure, count }: Machine): string {
  const now = `instruction ${count} of the machine`;
  if (departure === undefined) return `now: ${now}; everything so far is as it would have been without a debugger\n`;
  return `now: ${now}; changed since instruction ${departure.count}: ${departure.cause}\n`;
}

function helpText(): string {
  return Object.entries(COMMANDS)
    .map(([name, { help }]) => `monitor ${name.padEnd(8)} ${help}\n`)
    .join('');
}

/** The commands behind gdb's `monitor`. */
export class Monitor implements MonitorPort {
  readonly #parts: TargetParts;

  constructor(parts: TargetParts) {
    this.#parts = parts;
  }

  command(line: string, refusal: string | undefined): string {
    const name = line.trim();
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command !== undefined) return command.run(this.#parts, refusal);
    return `there is no command '${name.slice(0, 40)}'\n${helpText()}`;
  }
}
