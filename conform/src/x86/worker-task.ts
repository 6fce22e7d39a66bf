import type { Machine, Program, Task } from '@hwbp/core';
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

function execWorker(machine: Machine, task: Task, program: Program): void {
  machine.exec(task, program, { comm: 'worker', demandZero: false });
  loadWorker(task);
}

/** The program of a recorded task. */
function workerProgram(machine: Machine): WorkerProgram {
  const createProgram = (): WorkerProgram => new WorkerProgram(machine, (task) => systemCall(host, task));
  const host = {
    machine,
    createProgram,
    exec: (task: Task): void => execWorker(machine, task, createProgram()),
  };
  return createProgram();
}

/** A recorded task: forked and executed by the recorder on a CPU, traced from birth, and run to the end of its start-up. */
export function spawnWorker(
  machine: Machine,
  parent: Task,
  tracer: Tracer,
  options: { readonly cpu: number; readonly uid: number },
): Task {
  const task = machine.fork(parent, workerProgram(machine), { run: false });
  task.uid = options.uid;
  task.privileged = options.uid === 0;
  task.blocked.clear();
  machine.setAffinity(task, [options.cpu]);
  execWorker(machine, task, workerProgram(machine));
  machine.wake(task);
  tracer.seize(task, TRACE_OPTIONS);
  tracer.wait(task);
  return task;
}
