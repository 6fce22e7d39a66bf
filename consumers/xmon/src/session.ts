import { KernelError, type RunResult } from '@hwbp/core';
import type { Desk } from './commands/command.js';
import { stopText } from './commands/place.js';
import { registerOf } from './commands/registers.js';
import { commandNamed } from './commands/table.js';
import { xmonError } from './errors.js';
import type { XmonParts } from './parts.js';
import { Refusal } from './refusal.js';
import type { Stop } from './stop.js';
import { Scanner } from './text/scanner.js';
import { World } from './world.js';

/** How xmon is used. */
export interface XmonOptions {
  /** Nothing can be changed (Linux: `xmon=ro`): no breakpoint be set, no memory be written. Default false. */
  readonly readOnly?: boolean;
}

/** What became of a run: `entered`, xmon has the machine, and `output` says why; else why `machine.run` returned. */
export interface XmonRun extends Omit<RunResult, 'reason'> {
  readonly reason: 'entered' | RunResult['reason'];
  readonly output: string;
}

/** A CPU's number behind `c`, without a space, as xmon takes it too. */
const CPU_NUMBER = /^c([0-9a-f]+)$/i;

/**
 * A user of xmon: text in, text out. It is quiet until it is entered, by {@link enter} or by a breakpoint; from then on
 * the machine stands still and {@link line} takes commands, until one of them lets it go on.
 */
export class XmonSession {
  readonly #world: World;
  readonly #desk: Desk;
  readonly #machine: XmonParts['machine'];
  readonly #ended: () => void;
  /** Printed when somebody next asks for output. */
  #output: string[] = [];
  #refused = false;
  #open = true;

  /** Use `xmon.open`. `ended`: told once it is closed. */
  constructor(parts: XmonParts, { readOnly = false }: XmonOptions, ended: () => void) {
    this.#machine = parts.machine;
    this.#ended = ended;
    this.#world = new World(parts, (stop) => this.#entered(stop));
    const [cpu] = parts.machine.cpus;
    if (cpu === undefined) throw new TypeError('a machine has at least one CPU');
    this.#desk = { parts, world: this.#world, points: this.#world.points, readOnly, cpu, repeat: undefined };
  }

  /** True until it is closed. */
  get open(): boolean {
    return this.#open;
  }

  /** True while xmon has the machine. */
  get inside(): boolean {
    return this.#world.stop !== undefined;
  }

  /** What a terminal shows before a command; nothing while the machine runs. */
  get prompt(): string {
    return this.inside ? `${this.#desk.cpu.index.toString(16)}:mon> ` : '';
  }

  /** True if the latest line was refused: it has changed nothing. */
  get refused(): boolean {
    return this.#refused;
  }

  /**
   * Stops the machine, between two instructions, and returns what there is to say. Throws EBUSY with the name of
   * another debugger that has stopped it, ENODEV once closed.
   */
  enter(): string {
    this.#requireOpen();
    this.#world.enter({ kind: 'order' });
    return this.#take();
  }

  /** A command, without its end of line. Returns what it prints, which is nothing for many. */
  line(text: string): string {
    this.#requireOpen();
    this.#refused = false;
    try {
      return this.#print(this.#execute(text));
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof KernelError)) throw error;
      this.#refused = true;
      return this.#print(error.message);
    }
  }

  /** Lets the machine execute up to `budget` instructions, unless xmon has it. */
  run(budget: number): XmonRun {
    this.#requireOpen();
    if (this.inside) return { reason: 'entered', instructions: 0, output: this.#take() };
    const result = this.#machine.run(budget);
    const byKernel = result.reason === 'stopped' && !(result.detail instanceof Error);
    if (byKernel) this.#world.enter({ kind: 'kernel', message: result.message ?? 'it does not say why' });
    return { ...result, reason: this.inside ? 'entered' : result.reason, output: this.#take() };
  }

  /** Clears every breakpoint and lets the machine go on without xmon. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#world[Symbol.dispose]();
    this.#ended();
  }

  #execute(text: string): string {
    if (!this.inside) throw new Refusal('The machine runs: enter xmon first');
    const [, typed = '', rest = ''] =
      /^\s*(\S*)(.*)$/s.exec(text.trim() === '' ? (this.#desk.repeat ?? '') : text) ?? [];
    if (typed === '') return '';
    const [, cpu] = CPU_NUMBER.exec(typed) ?? [];
    const name = cpu === undefined ? typed : 'c';
    const command = commandNamed(name);
    if (command === undefined) throw new Refusal(`There is no command '${typed}': type ? for help`);
    this.#desk.repeat = undefined;
    return command.run(this.#desk, this.#scan(cpu === undefined ? rest : `${cpu} ${rest}`), name);
  }

  #scan(text: string): Scanner {
    return new Scanner(text, {
      symbol: (name) => this.#desk.parts.symbols.lookup(name)?.address,
      register: (name) => registerOf(this.#desk, name),
    });
  }

  #entered(stop: Stop): void {
    this.#desk.cpu = stop.cpu;
    this.#desk.repeat = undefined;
    this.#output.push(stopText(this.#desk, stop));
  }

  #print(text: string): string {
    const before = this.#take();
    return before === '' || text === '' ? before + text : `${before}\n${text}`;
  }

  #take(): string {
    return this.#output.splice(0).join('\n');
  }

  #requireOpen(): void {
    if (!this.#open) throw xmonError('XMON_STOPPED', 'this session was closed, or its kernel disposed');
  }
}
