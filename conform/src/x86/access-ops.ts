import type { Machine, Task } from '@hwbp/core';
import { countArgument, StepError, textArgument, wordArgument } from '../format/arguments.js';
import type { Step } from '../format/transcript.js';
import { type Results, systemCallResult } from '../player/results.js';
import type { AddressBook } from './address-book.js';
import type { RecorderTask } from './recorder-task.js';
import { RemoteMemory } from './remote-memory.js';
import type { StubResult, StubRun } from './run-stub.js';
import { STUBS, stubAddress, stubIndex } from './worker-layout.js';
import { FD, NR } from './worker-syscalls.js';

const BYTES_8 = 8;

function littleEndian(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (i % BYTES_8))) & 0xffn));
}

/** What the ops that touch memory need of the player. */
export interface AccessOpsHost {
  readonly machine: Machine;
  readonly self: RecorderTask;
  readonly addresses: AddressBook;
  /** The task that a step names. */
  task(step: Step): Task;
  /** Runs a task from these registers until it hands control back. */
  run(task: Task, run: StubRun): StubResult;
  /** Lets a task make a system call: its number and arguments. */
  call(task: Task, registers: readonly bigint[], run: Partial<StubRun>): StubResult;
}

/** What a run showed, as a step's results. */
export function shown({ stops, end }: StubResult): Results {
  return end === undefined ? { stops } : { stops, end };
}

function modeOf(step: Step, registers: StubRun['registers']): StubRun {
  return { registers, rf: step.rf !== undefined && step.rf !== 0, step: step.mode === 'step' };
}

/** Ops that execute instructions and touch memory: of the tasks, of the kernel for them, and of the recorder itself. */
export class AccessOps {
  readonly #host: AccessOpsHost;
  readonly #memory: RemoteMemory;
  /** The recorder's source of values that differ from one access to the next. */
  #unique = 0x1111_1111_1111_1111n;
  #remote = 0x7777_7777_7777_7777n;

  readonly ops: Readonly<Record<string, (step: Step) => Results>> = {
    access: (step) => this.#access(step),
    nops: (step) => shown(this.#host.run(this.#host.task(step), modeOf(step, { rip: wordArgument(step, 'from') }))),
    sys: (step) => this.#sys(step),
    remote_write: (step) => this.#remoteWrite(step),
    self_store: (step) => {
      this.#host.self.store(this.#host.addresses.resolve(step.addr, 'op self_store: addr'));
      return {};
    },
  };

  constructor(host: AccessOpsHost) {
    this.#host = host;
    this.#memory = new RemoteMemory(host.machine, host.self);
  }

  #access(step: Step): Results {
    const task = this.#host.task(step);
    const name = textArgument(step, 'insn');
    const index = stubIndex(name);
    if (index < 0) throw new StepError(`op access: there is no instruction '${name}'`);
    const rdi = wordArgument(step, 'addr');
    const count = countArgument(step, 'n', 0xffff_ffff, 0);
    this.#unique = BigInt.asUintN(64, this.#unique + 0x0101_0101_0101_0101n);
    const unique = this.#unique;
    const registers: Record<string, bigint> = { rip: stubAddress(index), rdi, rcx: BigInt(count), rsi: unique };
    if (step.src !== undefined) registers.rsi = wordArgument(step, 'src');
    if (name === 'cas8') {
      const current = this.#memory.peek(task, rdi, BYTES_8) === undefined ? 0n : task.memory.readInteger(rdi, BYTES_8);
      registers.rax = step.ok === 0 ? BigInt.asUintN(64, ~current) : current;
      registers.rdx = unique;
    }
    if (name === 'repstosb') registers.rax = unique & 0xffn;
    if (name === 'movss') this.#memory.poke(task, rdi, littleEndian(0x2bn, 2));
    if (name === 'st16' || name === 'st32') task.context.set('xmm0', unique);
    if (name === 'movsq' || name.startsWith('repmovs')) {
      const bytes = count === 0 ? BYTES_8 : count * (name === 'repmovsq' ? BYTES_8 : 1);
      // Behind the first page that is missing nothing is read.
      for (let done = 0; done < bytes; done += BYTES_8) {
        const part = littleEndian(unique, Math.min(BYTES_8, bytes - done));
        if (this.#memory.poke(task, (registers.rsi ?? 0n) + BigInt(done), part) < part.length) break;
      }
    }
    const changes = STUBS[index]?.[1] ?? 0;
    const watch = { address: rdi, length: changes < 0 ? Math.min(count, 64) : changes };
    const peek = (at: bigint, length: number) => this.#memory.peek(task, at, length);
    return shown(this.#host.run(task, { ...modeOf(step, registers), watch, peek }));
  }

  #sys(step: Step): Results {
    const task = this.#host.task(step);
    const run = { step: step.mode === 'step' };
    const result = this.#host.call(task, this.#systemCallArguments(step), run);
    return { ...shown(result), ...systemCallResult(result.result) };
  }

  #systemCallArguments(step: Step): readonly bigint[] {
    const call = textArgument(step, 'call');
    if (call === 'getresuid') {
      return [BigInt(NR.getresuid), wordArgument(step, 'a'), wordArgument(step, 'b'), wordArgument(step, 'c')];
    }
    const transfers: Readonly<Record<string, readonly [number, number]>> = {
      read_zero: [NR.read, FD.zero],
      read_pipe: [NR.read, FD.pipeRead],
      write_pipe: [NR.write, FD.pipeWrite],
    };
    const transfer = Object.hasOwn(transfers, call) ? transfers[call] : undefined;
    if (transfer === undefined) throw new StepError(`op sys: there is no call '${call}'`);
    const [number, descriptor] = transfer;
    return [BigInt(number), BigInt(descriptor), wordArgument(step, 'addr'), BigInt(countArgument(step, 'len', 4096))];
  }

  /** The recorder writes the task's memory. */
  #remoteWrite(step: Step): Results {
    const task = this.#host.task(step);
    const address = wordArgument(step, 'addr');
    this.#remote = BigInt.asUintN(64, this.#remote + 1n);
    const bytes = littleEndian(this.#remote, BYTES_8);
    const via = textArgument(step, 'via');
    // Only process_vm_writev respects pages that the task may not write.
    const reached = this.#memory.poke(task, address, bytes, { force: via !== 'vm_writev' });
    if (reached === BYTES_8) return { ret: 0 };
    // A write that stops half way is short, which the recorder calls -1 although no errno was set.
    if (reached > 0 && via !== 'pokedata') return { ret: -1, errno: '0' };
    return { ret: -1, errno: via === 'vm_writev' ? 'EFAULT' : 'EIO' };
  }
}
