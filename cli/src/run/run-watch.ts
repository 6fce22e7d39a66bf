import { type Cpu, type ErrorReport, type ExitStatus, hex, type Kernel, symbolize, type Task } from '@hwbp/core';
import { placeOf } from '../config/user-code.js';
import type { Trouble } from './trouble.js';

/** Most that is kept of one kind: what is the same is told once. */
const MOST = 20;

/** What a program counter is called. */
export function nameOf({ symbols }: Kernel, pc: bigint): string {
  const name = symbolize(symbols, pc);
  return name === hex(pc) ? name : `${hex(pc)} ${name}`;
}

/** Takes down what goes wrong in a kernel from its composition on. */
export class RunWatch implements Disposable {
  readonly #kernel: Kernel;
  readonly #file: string;
  /** By what is the same in them. */
  readonly #troubles = new Map<string, Trouble>();
  /** Of what there was more than is kept. */
  readonly #left = new Map<Trouble['kind'], number>();
  #next: string | undefined;
  readonly #ends: readonly (() => void)[];

  /** `file`: the config, as the user has named it. */
  constructor(kernel: Kernel, file: string) {
    this.#kernel = kernel;
    this.#file = file;
    const { error, exit } = kernel.machine.hooks;
    this.#ends = [error.add((report) => this.#threw(report)), exit.add((task) => this.#ended(task))];
  }

  /** In the order in which it went wrong, and at the end what of it is left out. */
  get troubles(): readonly Trouble[] {
    const left = [...this.#left].map(([kind, count]) => ({ kind, message: `and ${count} more like these (${kind})` }));
    return [...this.#troubles.values(), ...left];
  }

  /** The run has failed, here: what is thrown then is what its caller is told. */
  failed(): void {
    const { next } = this.#kernel.machine;
    if (next === undefined) return;
    const { task, cpu } = next;
    this.#next = `next was task ${task}, CPU ${cpu.index}, pc ${nameOf(this.#kernel, task.context.pc)}`;
  }

  /** Whose turn it was when the run failed. */
  get next(): string | undefined {
    return this.#next;
  }

  [Symbol.dispose](): void {
    for (const end of this.#ends) end();
  }

  #threw({ error, what, cpu }: ErrorReport): void {
    const message = `${what} threw: ${error instanceof Error ? error.message : String(error)}`;
    const place = placeOf(error, { file: this.#file }).replace(/^ \((.*)\)$/, '$1');
    this.#note({ kind: 'error', message, ...this.#here(cpu), ...(place === '' ? {} : { place }) });
  }

  #ended(task: Task): void {
    const { machine } = this.#kernel;
    const exit: ExitStatus | undefined = task.exit;
    // An oops says itself that the task ends.
    const inOops = machine.oopses.some((message) => message.endsWith(`task ${task}, which ends`));
    if (exit === undefined || !('signal' in exit) || inOops) return;
    const pc = nameOf(this.#kernel, task.context.pc);
    this.#note({ kind: 'killed', message: `killed by ${exit.signal}`, task: String(task), cpu: task.cpu, pc });
  }

  /** Where the kernel has called whoever it calls: it says so, or one CPU alone is in the middle of something. */
  #here(known: Cpu | undefined): Pick<Trouble, 'task' | 'cpu' | 'pc'> {
    const { machine } = this.#kernel;
    const isIn = (cpu: Cpu): boolean => cpu.busy || !['task', 'idle'].includes(machine.interrupts.contextOf(cpu));
    const [cpu, ...others] = known === undefined ? machine.cpus.filter(isIn) : [known];
    if (cpu === undefined || others.length > 0) return {};
    const task = machine.current(cpu);
    const who = task === undefined ? {} : { task: String(task) };
    return { ...who, cpu: cpu.index, pc: nameOf(this.#kernel, cpu.pc) };
  }

  #note(trouble: Trouble): void {
    const { kind, message, place } = trouble;
    const key = [kind, message, ...(kind === 'error' ? [place] : [trouble.task])].join('\n');
    const known = this.#troubles.get(key);
    if (known !== undefined) {
      this.#troubles.set(key, { ...known, times: (known.times ?? 1) + 1 });
      return;
    }
    const ofKind = [...this.#troubles.values()].filter((one) => one.kind === kind).length;
    if (ofKind < MOST) this.#troubles.set(key, trouble);
    else this.#left.set(kind, (this.#left.get(kind) ?? 0) + 1);
  }
}
