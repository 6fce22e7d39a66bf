import { checkTask, type Task } from '@hwbp/core';
import { ptraceError } from './errors.js';

/** Throws ESRCH for a tracer that was closed. */
export function requireOpen(tracer: string, open: boolean): void {
  if (!open) throw ptraceError('PTRACE_CLOSED', `${tracer} was closed; make another tracer`);
}

/**
 * Throws if a tracer cannot trace a task: a TypeError for anything that is none; ESRCH for a tracer that was closed;
 * EPERM for a kernel thread, a task that has exited, and one that `owner` traces.
 */
export function checkAttachable(task: Task, tracer: string, open: boolean, owner: string | undefined): void {
  checkTask(task);
  const { pid } = task;
  requireOpen(tracer, open);
  if (task.kernelThread) {
    throw ptraceError('PTRACE_KERNEL_THREAD', `task ${task} is a kernel thread, which cannot be traced`, { pid });
  }
  if (!task.alive) throw ptraceError('PTRACE_GONE', `task ${task} has exited`, { pid });
  if (owner === undefined) return;
  throw ptraceError('PTRACE_ALREADY_TRACED', `task ${task} is traced by ${owner}; it must detach first`, { pid });
}
