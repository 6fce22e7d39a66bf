import type { ResumePlan } from '../rsp/target-port.js';

/** True for a thread that a debugger has let go on. */
export type Resumed = (thread: number) => boolean;

/** Those of a plan; `undefined`: all. */
export function resumedBy(
  { threads, processes = [] }: ResumePlan,
  processOf: (thread: number) => number,
): Resumed | undefined {
  if (threads === undefined) return undefined;
  const named = new Set(threads);
  if (processes.length === 0) return (thread) => named.has(thread);
  return (thread) => named.has(thread) || processes.includes(processOf(thread));
}
