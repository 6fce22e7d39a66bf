import { type Instruction, type Machine, SI_CODES, type Task } from '@hwbp/core';
import { type Call, kernelAccess, type SystemCalls } from '../player/system-calls.js';
import type { StartCall, Worker, WorkerCode } from '../player/worker.js';
import { Ppc64Code } from './worker-code.js';
import { stubAddress, WORKER } from './worker-layout.js';

/** The kernel's copy loop: doublewords, then bytes. */
function* copy({ host, args }: Call, stores: boolean): Generator<Instruction, number> {
  const [buffer = 0n, value = 0n, count = 0n] = args;
  for (let done = 0n; done < count; ) {
    const size = count - done >= 8n ? 8 : 1;
    yield kernelAccess(host, buffer + done, size, stores ? value : undefined);
    done += BigInt(size);
  }
  return Number(count);
}

/** The program that the recorded ppc64 tasks of one script execute: they share the window. */
export class Ppc64Worker implements Worker {
  readonly #frames: readonly number[];
  readonly #faulting: number;

  readonly calls: SystemCalls = {
    raise: ({ host, task }) => void host.machine.sendSignal(task, { si_signo: 'SIGSTOP', si_code: SI_CODES.SI_USER }),
    sys_pread: (call) => copy(call, true),
    sys_pwrite: (call) => copy(call, false),
  };

  /** `hashed`: the page tables are hashed, and the first store to a page faults. */
  constructor({ physical, layout }: Machine, hashed: boolean) {
    this.#frames = Array.from({ length: WORKER.windowSize / physical.pageSize }, () => physical.allocate());
    this.#faulting = hashed ? layout.pageSize : 0;
  }

  load(task: Task): void {
    task.memory.map(WORKER.text, WORKER.textSize, { permissions: { read: true, write: false } });
    this.share(task);
    task.context.pc = stubAddress('raise');
  }

  share(task: Task): void {
    task.memory.map(WORKER.window, WORKER.windowSize, { frames: this.#frames });
  }

  code(start: StartCall): WorkerCode {
    return new Ppc64Code(start, this.#faulting);
  }
}
