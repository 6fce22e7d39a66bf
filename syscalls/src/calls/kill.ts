import { SI_CODES, SIGNALS, SIGRTMIN, type SignalName, type SystemCallHandler } from '@hwbp/core';
import { callError } from '../errors.js';
import { int } from '../parts.js';

/** Real-time signals, from {@link SIGRTMIN} on. */
const REAL_TIME = 31;

/** The signal of a number; `undefined`: 0, which asks only whether there is somebody. Throws EINVAL for another. */
function signalOf(number: number): SignalName | undefined {
  if (number === 0) return undefined;
  const known = Object.entries(SIGNALS).find(([, one]) => one === number);
  if (known !== undefined) return known[0] as SignalName;
  const index = number - SIGRTMIN;
  if (index >= 0 && index < REAL_TIME) return `SIGRTMIN+${index}`;
  throw callError('CALL_BAD_ARGUMENT', `no signal has the number ${number}`);
}

/** kill(2), of one process: there are no groups. Without privilege, of those of the caller's user. */
export const kill: SystemCallHandler = function kill({ machine, task, args: [who, what] }) {
  const [pid, signal] = [int(who), signalOf(int(what))];
  if (pid <= 0) throw callError('CALL_BAD_ARGUMENT', `a process has a pid from 1; there is no group ${pid}`);
  const target = machine.tasks.get(pid) ?? [...machine.tasks.values()].find(({ tgid }) => tgid === pid);
  if (target === undefined) throw callError('CALL_NO_TASK', `there is no process ${pid}`, { pid });
  if (!task.privileged && task.uid !== target.uid) {
    throw callError('CALL_NOT_PERMITTED', `process ${pid} is another user's`, { pid });
  }
  if (signal !== undefined) machine.sendSignal(target, { si_signo: signal, si_code: SI_CODES.SI_USER });
  return 0;
};
