import type { Cpu, MachineInstruction, SavedContext } from '../../hardware/index.js';
import type { Program, ProgramState } from '../../programs/index.js';
import type { FrameKind } from '../frame.js';
import { SA_RESTART } from '../signal-action.js';
import { type KernelTask, kernelTask, type Task } from '../task.js';
import type { SystemCallAbi } from './abi.js';
import type { CallProgram } from './call-program.js';
import type { SystemCallRestart } from './restart.js';
import type { CallResult } from './system-call.js';

/** Linux: EINTR. */
const INTERRUPTED = -4n;

/** An instruction's `syscall` of a call that is made again, and goes on in a way of its own. */
export class Again {
  readonly again: () => CallResult;

  constructor(again: () => CallResult) {
    this.again = again;
  }
}

/** A call by number is on a stack; behind its end it may be made again. */
export class CallFrame implements FrameKind {
  readonly name: string;
  readonly #plain: FrameKind;
  readonly #abi: SystemCallAbi;
  readonly #program: CallProgram;
  /** Address of the instruction that made it. */
  readonly #pc: bigint;

  /** `plain`: how any system call ends. */
  constructor(plain: FrameKind, abi: SystemCallAbi, program: CallProgram, pc: bigint) {
    this.name = plain.name;
    this.#plain = plain;
    this.#abi = abi;
    this.#program = program;
    this.#pc = pc;
  }

  end(cpu: Cpu, task: Task, interrupted: SavedContext): void {
    this.#plain.end(cpu, task, interrupted);
    const { restart } = this.#program;
    if (restart === undefined || !task.alive) return;
    const known = kernelTask(task);
    const program = new RestartProgram(known, this.#abi, restart, this.#pc);
    known.stack.push({ program, interrupted: undefined, kind: program });
  }
}

/**
 * In user mode, behind a call that a signal has ended: whoever executes it has come through every signal that there
 * was, none of which had a handler, or one that restarts. It makes the call again, by the instruction that made it.
 */
class RestartProgram implements Program, FrameKind {
  readonly name = 'system call to make again';
  readonly #task: KernelTask;
  readonly #abi: SystemCallAbi;
  readonly #restart: SystemCallRestart<CallResult>;
  readonly #instruction: MachineInstruction;
  #rewound = false;
  #done = false;

  constructor(task: KernelTask, abi: SystemCallAbi, restart: SystemCallRestart<CallResult>, pc: bigint) {
    this.#task = task;
    this.#abi = abi;
    this.#restart = restart;
    const { again } = restart;
    const next = task.context.pc;
    const length = next > pc ? Number(next - pc) : 1;
    this.#instruction = { pc, length, next, syscall: again === undefined ? true : new Again(again) };
  }

  get state(): ProgramState {
    return this.#done ? 'done' : 'ready';
  }

  run(cpu: Cpu): number {
    this.#rewind();
    this.#done = cpu.execute(this.#instruction) !== undefined;
    return this.#done ? 1 : 0;
  }

  end(): void {}

  /** A signal's handler is about to be entered: it returns to the call, or to behind it. */
  beforeHandler(task: Task, flags: number): void {
    if (this.#rewound) return;
    if (this.#restart.survives((flags & SA_RESTART) !== 0)) {
      this.#rewind();
      return;
    }
    this.#done = true;
    kernelTask(task).stack.pop();
    this.#abi.setResult(task.context, INTERRUPTED);
  }

  #rewind(): void {
    if (this.#rewound) return;
    this.#rewound = true;
    const { context } = this.#task;
    this.#abi.restart(context);
    context.pc = this.#instruction.pc;
  }
}
