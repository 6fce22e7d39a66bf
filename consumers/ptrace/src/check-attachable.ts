import type { Task } from '@hwbp/core';
import { ptraceError } from './errors.js';

/** Throws if a tracer cannot trace a task: it was closed ESRCH; a kernel thread, one that has exited or that `owner` traces EPERM. */
export function checkAttachable(task: Task, tracer: string, open: boolean, owner: string | undefined): void {
  const { pid } = task;
  if (!open) throw ptraceError('PTRACE_CLOSED', `${tracer} was closed; make another tracer`);
  if (task.kernelThread) {
    throw ptraceError('PTRACE_KERNEL_THREAD', `task ${task} is a kernel thread, which cannot be traced`, { pid });
  }
  if (!task.alive) throw ptraceError('PTRACE_GONE', `task ${task} has exited`, { pid });
  if (owner === undefined) return;
  throw ptraceError('PTRACE_ALREADY_TRACED', `task ${task} is traced by ${owner}; it must detach first`, { pid });
}
