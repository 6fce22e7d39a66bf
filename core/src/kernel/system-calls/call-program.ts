import { KernelError } from '../../errors/index.js';
import type { Cpu } from '../../hardware/index.js';
import {
  begin,
  beginWait,
  InstructionProgram,
  type Program,
  type ProgramState,
  type Sleep,
  type Waiting,
} from '../../programs/index.js';
import type { KernelTask } from '../task.js';
import type { SystemCallAbi } from './abi.js';
import { CallInstructions, isSteps, isWaiting, type Outcome } from './call-steps.js';
import { Clobbered } from './clobbered.js';
import { SystemCallRestart } from './restart.js';
import type { CallResult } from './system-call.js';

/** No call has this number: a tracer that sets it wants none to be made. */
const SKIPPED = 0xffff_ffff;
/** What a call returns whose handler threw something that is no refusal: the kernel could not do it (EIO). */
const FAILED = -5n;

/** What a call needs of the tables that it is looked up in. */
export interface CallLookup {
  readonly abi: SystemCallAbi;
  /** What the handler of a number answers. Throws ENOSYS where there is none. */
  call(number: number, cpu: Cpu): CallResult;
  /** The handler of a number threw something that is no refusal. */
  failed(number: number, error: unknown): void;
}

/**
 * A system call by number, on the stack of the task that makes it. Its first step looks the number up: a tracer that
 * has stopped the task at the entry may have changed that.
 */
export class CallProgram implements Program {
  readonly #task: KernelTask;
  readonly #lookup: CallLookup;
  readonly #clobbered = new Clobbered();
  /** How it goes on that is made again; `undefined`: from its beginning. */
  readonly #again: (() => CallResult) | undefined;
  #begun = false;
  #number = SKIPPED;
  #done = false;
  /** What executes. */
  #inner: Program | undefined;
  #steps: CallInstructions | undefined;
  /** What its handler has returned to wait for. */
  #waiting: Waiting | undefined;
  #sleep: Sleep | undefined;
  /** It is to be made again, perhaps. */
  restart: SystemCallRestart<CallResult> | undefined;

  constructor(task: KernelTask, lookup: CallLookup, again: (() => CallResult) | undefined) {
    this.#task = task;
    this.#lookup = lookup;
    this.#again = again;
  }

  get state(): ProgramState {
    if (this.#done) return 'done';
    if (this.#sleep !== undefined) return this.#sleep.over ? 'ready' : 'asleep';
    return this.#inner !== undefined && this.#inner.state !== 'done' ? this.#inner.state : 'ready';
  }

  run(cpu: Cpu, budget: number): number {
    if (!this.#begun) {
      this.#begun = true;
      this.#enter(cpu);
    }
    let retired = 0;
    while (this.state === 'ready') {
      if (this.#sleep !== undefined) this.#wake(this.#sleep);
      else if (this.#inner === undefined) this.#end(undefined);
      else {
        const { context } = this.#task;
        const inner = this.#inner;
        try {
          retired += this.#clobbered.during(context, () => inner.run(cpu, budget - retired));
        } catch (error) {
          // A program that its own error has ended is the handler's; anything else is none of the call.
          if (inner.state !== 'done') throw error;
          this.#fail(error);
          break;
        }
        if (inner.state === 'done') this.#came(cpu);
        else break;
      }
      if (retired >= budget || cpu.attention) break;
    }
    return retired;
  }

  #enter(cpu: Cpu): void {
    const { abi } = this.#lookup;
    const { context } = this.#task;
    this.#number = abi.number(context);
    if (this.#number === SKIPPED) {
      abi.skip(context);
      this.#done = true;
      return;
    }
    try {
      this.#take(this.#again === undefined ? this.#lookup.call(this.#number, cpu) : this.#again(), cpu);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What a handler has answered. */
  #take(result: CallResult, cpu: Cpu): void {
    if (typeof result === 'function') this.#inner = begin(result, 'what the handler of a system call returns');
    else if (isSteps(result)) {
      this.#steps = new CallInstructions(result);
      this.#inner = new InstructionProgram(this.#steps);
    } else if (isWaiting(result)) {
      this.#waiting = result;
      this.#wait(result, cpu);
    } else this.#end(result);
  }

  /** What executes has come to its end, or to a wait. */
  #came(cpu: Cpu): void {
    const { waiting, outcome } = this.#steps ?? {};
    if (waiting !== undefined) {
      try {
        this.#wait(waiting, cpu);
      } catch (error) {
        this.#fail(error);
      }
    } else if (this.#steps === undefined) this.#end(this.#lookup.abi.result(this.#task.context));
    else this.#conclude(outcome ?? { value: undefined });
  }

  #wait(waiting: Waiting, cpu: Cpu): void {
    this.#inner = undefined;
    this.#sleep = beginWait(cpu, waiting);
    if (this.#sleep === undefined) this.#goOn(0n);
  }

  #wake(sleep: Sleep): void {
    this.#sleep = undefined;
    this.#goOn(sleep.end());
  }

  #goOn(woken: bigint): void {
    if (this.#steps !== undefined) {
      this.#steps.goOn(woken);
      this.#inner = new InstructionProgram(this.#steps);
      return;
    }
    const waiting = this.#waiting;
    if (woken === 0n || waiting === undefined) this.#end(0n);
    else this.#end(new SystemCallRestart<CallResult>('ERESTART_RESTARTBLOCK', () => waiting));
  }

  #conclude(outcome: Outcome): void {
    if ('error' in outcome) this.#fail(outcome.error);
    else this.#end(outcome.value);
  }

  #fail(error: unknown): void {
    if (error instanceof SystemCallRestart) this.#end(error);
    else if (error instanceof KernelError) this.#end(-error.errnum);
    else {
      this.#lookup.failed(this.#number, error);
      this.#end(FAILED);
    }
  }

  /** It returns. A task that executes something else since, or has ended, gets no result. */
  #end(result: unknown): void {
    this.#inner = undefined;
    this.#done = true;
    const { stack, context } = this.#task;
    if (!stack.some(({ program }) => program === this)) return;
    let value: bigint;
    try {
      value = result instanceof SystemCallRestart ? BigInt(-result.errnum) : toBits(result);
    } catch (error) {
      this.#lookup.failed(this.#number, error);
      value = FAILED;
    }
    if (result instanceof SystemCallRestart) this.restart = result;
    this.#clobbered.restore(context);
    this.#lookup.abi.setResult(context, value);
  }
}

/** A result as 64 bits with a sign. Throws a TypeError for anything that is no whole number. */
function toBits(result: unknown): bigint {
  if (result === undefined) return 0n;
  if (typeof result === 'bigint') return BigInt.asIntN(64, result);
  if (Number.isSafeInteger(result)) return BigInt(result as number);
  throw new TypeError(
    `a system call returns a bigint, a whole number, nothing, a generator's steps, a program's factory or something to wait for, got ${typeof result} ${String(result)}`,
  );
}
