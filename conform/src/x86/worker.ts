import type { Machine, Task } from '@hwbp/core';
import { peek } from '../player/peek.js';
import type { StartCall, Worker, WorkerCode } from '../player/worker.js';
import { describeInstruction, type WorkerState } from './worker-instructions.js';
import { NO_CALL, NR, WORKER } from './worker-layout.js';

const CALL_NAMES: ReadonlyMap<bigint, string> = new Map(Object.entries(NR).map(([name, number]) => [number, name]));

/** The program that every recorded x86 task executes. */
export class X86Worker implements Worker {
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  load(task: Task): void {
    task.memory.map(WORKER.data, WORKER.dataSize);
    task.memory.map(WORKER.text, WORKER.textSize, { permissions: { read: true, write: false } });
    task.memory.map(WORKER.stack, WORKER.stackSize);
    task.context.pc = WORKER.start;
  }

  code(start: StartCall): WorkerCode {
    let state: WorkerState | undefined;
    return {
      describe: (task) => {
        if (state?.context !== task.context) state = this.#stateOf(task, start);
        return describeInstruction(state);
      },
    };
  }

  #stateOf(task: Task, start: StartCall): WorkerState {
    const { context } = task;
    return {
      context,
      peek: (address, size) => peek(this.#machine, task, address, size),
      syscall: () => {
        const [rax, ...args] = ['rax', 'rdi', 'rsi', 'rdx'].map((register) => context.get(register));
        return start(task, CALL_NAMES.get(rax ?? NO_CALL) ?? '', args);
      },
    };
  }
}
