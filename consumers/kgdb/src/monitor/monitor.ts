import type { MonitorPort } from '../rsp/target-port.js';

/** One command behind gdb's `monitor`. */
export interface MonitorCommand {
  readonly help: string;
  run(refusal: string | undefined): string;
}

/** The commands behind gdb's `monitor`: those of a target, and two that every target has. */
export class Monitor implements MonitorPort {
  readonly #commands: ReadonlyMap<string, MonitorCommand>;

  constructor(commands: Readonly<Record<string, MonitorCommand>>) {
    this.#commands = new Map<string, MonitorCommand>([
      ...Object.entries(commands),
      [
        'why',
        {
          help: 'why the latest refused request was refused',
          run: (refusal) => `${refusal ?? 'nothing was refused'}\n`,
        },
      ],
      ['help', { help: 'this list', run: () => this.#help() }],
    ]);
  }

  command(line: string, refusal: string | undefined): string {
    const name = line.trim();
    const command = this.#commands.get(name);
    if (command !== undefined) return command.run(refusal);
    return `there is no command '${name.slice(0, 40)}'\n${this.#help()}`;
  }

  #help(): string {
    return [...this.#commands].map(([name, { help }]) => `monitor ${name.padEnd(8)} ${help}\n`).join('');
  }
}
