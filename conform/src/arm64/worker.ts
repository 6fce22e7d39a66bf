import type { Instruction, Kernel, Machine, Task } from '@hwbp/core';
import { peek } from '../player/peek.js';
import type { Call, SystemCalls } from '../player/system-calls.js';
import type { StartCall, Worker, WorkerCode } from '../player/worker.js';
import type { WorkerState } from './instructions.js';
import { type Bits, NO_CALL, NR, WORKER } from './worker-layout.js';
import { describeInstruction } from './worker-text.js';

const CALL_NAMES: ReadonlyMap<bigint, string> = new Map([
  ...Object.entries(NR).map(([name, number]) => [number, name] as const),
  // Of nothing, and for ever: it sleeps until a signal comes.
  [NR.ppoll, 'pause'],
]);

/** The bits of a task's program. */
export const bitsOf = ({ compat }: Task): Bits => (compat ? 32 : 64);

/** The instructions of one process. */
class Arm64Code implements WorkerCode {
  readonly #machine: Machine;
  readonly #start: StartCall;
  #state: WorkerState | undefined;

  constructor(machine: Machine, start: StartCall) {
    this.#machine = machine;
    this.#start = start;
  }

  describe(task: Task): Instruction {
    if (this.#state?.context !== task.context) this.#state = this.#stateOf(task);
    return describeInstruction(bitsOf(task), this.#state);
  }

  #stateOf(task: Task): WorkerState {
    const { context } = task;
    return {
      context,
      peek: (address, size) => peek(this.#machine, task, address, size),
      syscall: () => {
        const [number, ...args] = ['x8', 'x0', 'x1', 'x2'].map((register) => context.get(register));
        return this.#start(task, CALL_NAMES.get(number ?? NO_CALL) ?? '', args);
      },
    };
  }
}

/** getpid, whose function in the kernel begins at an address. */
function* getpid({ task }: Call, entry: bigint | undefined): Generator<Instruction, number> {
  if (entry !== undefined) yield { pc: entry, length: 4 };
  return task.pid;
}

/** The program that every recorded arm64 task executes: one for 64 bits, and one for 32. */
export class Arm64Worker implements Worker {
  readonly #machine: Machine;

  readonly calls: SystemCalls;

  constructor({ machine, symbols }: Kernel) {
    this.#machine = machine;
    this.calls = {
      // A function that scripts break on.
      getpid: (call) => getpid(call, symbols.lookup('__arm64_sys_getpid')?.address),
      sched_yield: ({ host, task }) => {
        host.machine.schedule(task.cpu);
        return 0;
      },
    };
  }

  load(task: Task): void {
    task.memory.map(WORKER.data, WORKER.dataSize);
    task.memory.map(WORKER.text, WORKER.textSize, { permissions: { read: true, write: false } });
    task.context.pc = WORKER.start;
  }

  /** The other program, where its bits are asked for. */
  image(bits: bigint): { readonly compat?: boolean } {
    return bits === 32n || bits === 64n ? { compat: bits === 32n } : {};
  }

  code(start: StartCall): WorkerCode {
    return new Arm64Code(this.#machine, start);
  }
}
