import type { Kernel, Machine, Task } from '@hwbp/core';
import type { TraceOptions, Tracer } from '@hwbp/ptrace';
import { WORKER } from './worker-layout.js';
import { WorkerProgram } from './worker-program.js';
import { systemCall } from './worker-syscalls.js';

/** What the recorder asks of each tracee. */
export const TRACE_OPTIONS: TraceOptions = Object.freeze({
  exitKill: true,
  traceFork: true,
  traceClone: true,
  traceExec: true,
});

/** Maps the program into a task and puts it at its first instruction. */
function loadWorker(task: Task): void {
  task.memory.map(WORKER.data, WORKER.dataSize);
  task.memory.map(WORKER.text, WORKER.textSize, { permissions: { read: true, write: false } });
  task.memory.map(WORKER.stack, WORKER.stackSize);
  task.context.pc = WORKER.start;
}

/** The program of a recorded task. */
function workerProgram(machine: Machine): WorkerProgram {
  const createProgram = (): WorkerProgram => new WorkerProgram(machine, (task) => systemCall(host, task));
  const host = {
    machine,
    createProgram,
    exec(task: Task): void {
      machine.exec(task, createProgram(), { comm: 'worker', demandZero: false });
      loadWorker(task);
    },
  };
  return createProgram();
}

/** A recorded task: spawned on a CPU, traced from birth, and run to the end of its start-up. */
export function spawnWorker(kernel: Kernel, tracer: Tracer, cpu: number, privileged: boolean): Task {
  const { machine } = kernel;
  const task = machine.spawn(workerProgram(machine), {
    comm: 'worker',
    affinity: [cpu],
    demandZero: false,
    privileged,
  });
  loadWorker(task);
  tracer.seize(task, TRACE_OPTIONS);
  tracer.wait(task);
  return task;
}
