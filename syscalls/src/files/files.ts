import { type Console, Disposables, type Machine, type Task, Token } from '@hwbp/core';
import { ConsoleFile } from './console-file.js';
import { Descriptors } from './descriptors.js';
import type { OpenFile } from './file.js';

/** What processes that nobody has forked begin with, from descriptor 0 on. */
export type InitialFiles = (machine: Machine, terminal: Console) => readonly OpenFile[];

/** The open files of every process of a kernel. Disposing it closes all of them. */
export class Files implements Disposable {
  readonly #machine: Machine;
  readonly #terminal: Console;
  readonly #initial: InitialFiles;
  /** By process. */
  readonly #open = new Map<number, Descriptors>();
  /** Threads of processes that have more than one. */
  readonly #threads = new Map<number, number>();
  readonly #hooks = new Disposables();

  constructor(machine: Machine, terminal: Console, initial: InitialFiles = standardFiles) {
    this.#machine = machine;
    this.#terminal = terminal;
    this.#initial = initial;
    const { fork, exec, exit } = machine.hooks;
    this.#hooks.add(
      fork.add((parent, child) => {
        const { tgid } = child;
        if (tgid === parent.tgid) this.#threads.set(tgid, (this.#threads.get(tgid) ?? 1) + 1);
        else this.#open.set(tgid, this.of(parent).copy());
      }),
      exec.add(({ tgid }) => this.#open.get(tgid)?.exec()),
      exit.add((task) => this.#left(task)),
    );
  }

  /** Those of a task's process. */
  of({ tgid }: Task): Descriptors {
    const known = this.#open.get(tgid);
    if (known !== undefined) return known;
    const made = new Descriptors();
    this.#open.set(tgid, made);
    for (const file of this.#initial(this.#machine, this.#terminal)) made.open(file);
    return made;
  }

  [Symbol.dispose](): void {
    this.#hooks[Symbol.dispose]();
    for (const descriptors of this.#open.values()) descriptors.closeAll();
    this.#open.clear();
  }

  /** Closes what is open when the last thread of a process ends. */
  #left({ tgid }: Task): void {
    const others = (this.#threads.get(tgid) ?? 1) - 1;
    if (others > 0) {
      this.#threads.set(tgid, others);
      return;
    }
    this.#threads.delete(tgid);
    const open = this.#open.get(tgid);
    if (open === undefined) return;
    this.#open.delete(tgid);
    open.closeAll();
  }
}

/** Input, output and errors: the console. */
function standardFiles(machine: Machine, terminal: Console): readonly OpenFile[] {
  const file = new ConsoleFile(machine, terminal);
  return [file, file, file];
}

/** The open files of processes; another package may look them up, or open some. */
export const FILES = new Token<Files>('Files', 'compose the kernel with linuxSystemCalls(...) of @hwbp/syscalls');
