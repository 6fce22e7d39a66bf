import { type Instruction, program, type SignalInfo, type Task } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import type { Lab } from '../lab/lab.js';
import { plain } from '../lab/spot.js';

/** Stores the word at an address. */
export function store(lab: Lab, address: bigint): Instruction {
  return { ...plain(3), accesses: [{ kind: 'write', address, size: lab.manifest.wordSize, value: 1n }] };
}

/** How a debugger has a task execute one instruction with nothing watched: `step` lets it execute that. */
export type StepOver = (task: Task, step: () => void) => void;

/** A task that stores to these addresses again and again, and stops after each round; and the SIGTRAPs that it got. */
export class Storing {
  readonly task: Task;
  readonly traps: SignalInfo[] = [];
  readonly #lab: Lab;
  readonly #stepOver: StepOver | undefined;

  /** `stepOver`: where it does not go past a hit by itself. */
  constructor(lab: Lab, addresses: readonly bigint[], stepOver?: StepOver) {
    this.#lab = lab;
    this.#stepOver = stepOver;
    this.task = lab.task(
      function* () {
        for (;;) {
          for (const address of addresses) yield store(lab, address);
          yield plain(1);
          lab.machine.stop('testkit');
          yield plain(2);
        }
      },
      { affinity: [0], run: false },
    );
    this.follow(this.task);
  }

  /** Keeps another task's SIGTRAPs from ending it, too. */
  follow(task: Task): void {
    task.tracer = {
      signal: (_task, info) => {
        if (info.si_signo === 'SIGTRAP') this.traps.push(info);
        return 'stop';
      },
    };
  }

  /** SIGTRAPs of one more round. */
  round(what: string): number {
    const before = this.traps.length;
    const { machine } = this.#lab;
    machine.wake(this.task);
    // The task stops for each signal, and is sent on.
    for (let stops = 0; stops < 20; stops++) {
      const told = this.traps.length;
      const { reason } = machine.run(1000);
      if (reason === 'stopped') break;
      ok(this.task.alive, `${what}: the task lives`);
      if (this.traps.length > told) this.#stepOver?.(this.task, () => this.#step());
      machine.wake(this.task);
    }
    machine.halt(this.task);
    return this.traps.length - before;
  }

  #step(): void {
    const { machine } = this.#lab;
    machine.wake(this.task);
    machine.run(1);
    machine.halt(this.task);
  }

  expect(traps: number, what: string): void {
    equal(this.round(what), traps, `SIGTRAPs of one store, ${what}`);
  }
}

/** A child that stores to an address once, and the signals that it gets. */
export function storingChild(
  lab: Lab,
  parent: Task,
  address: bigint,
  thread: boolean,
): { readonly child: Task; readonly signals: readonly string[] } {
  const child = lab.machine.fork(parent, program([store(lab, address), plain()]), { thread });
  const signals: string[] = [];
  child.tracer = {
    signal(_task, { si_signo }) {
      signals.push(si_signo);
      return 'deliver';
    },
  };
  return { child, signals };
}
