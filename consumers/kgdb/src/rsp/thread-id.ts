/** The one process of a target, for debuggers that count processes: to them the target as a whole. */
const PROCESS = 1;
const ID = /^(?:p(-1|[0-9a-f]{1,8})(?:\.|$))?(-1|[0-9a-f]{1,8})?$/i;

function numberOf(digits: string | undefined): number {
  return digits === undefined || digits === '-1' ? -1 : Number.parseInt(digits, 16);
}

/**
 * A thread-id of the protocol: hexadecimal, 0 any, -1 all; with its process in front, `p1.2`, or all threads of a
 * process, `p1`. `undefined` if it is none, or of another process.
 */
export function parseThread(text: string): number | undefined {
  const match = ID.exec(text);
  if (match === null || text === '' || text.endsWith('.')) return undefined;
  const [, process, thread] = match;
  if (process !== undefined && ![PROCESS, 0, -1].includes(numberOf(process))) return undefined;
  return numberOf(thread);
}

/** How a debugger wants threads to be named. */
export type ThreadNaming = ReadonlySet<string>;

/** A thread-id as this debugger writes it. */
export function formatThread(thread: number, features: ThreadNaming): string {
  const digits = thread.toString(16);
  return features.has('multiprocess') ? `p${PROCESS.toString(16)}.${digits}` : digits;
}

/** What comes behind the code of a process that has ended. */
export function formatProcess(features: ThreadNaming): string {
  return features.has('multiprocess') ? `;process:${PROCESS.toString(16)}` : '';
}

/** True for the process of a packet that names one, `;1`, or names none. */
export function isProcess(text: string): boolean {
  return text === '' || /^;0*1$/.test(text);
}
