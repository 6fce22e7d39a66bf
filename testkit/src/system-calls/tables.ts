import { SYSTEM_CALLS, type Task } from '@hwbp/core';
import { equal, fail, ok } from '../assert/index.js';
import type { CallLab, SystemCallCase, SystemCallSubject } from './system-call-subject.js';

/** What a program may put into a register that no call is ready for. */
const GARBAGE: readonly (readonly bigint[])[] = [
  [],
  [-1n, -1n, -1n, -1n, -1n, -1n],
  [1n, 1n, 1n, 1n, 1n, 1n],
  [0x7fff_ffffn, 0x1000n, 0x7fff_ffffn, 0x1001n, 0x10_0000_0000n, 0x8000_0000n],
];
/** Errnos that no kernel gives to programs: what a call does next, and none of them. */
const INTERNAL = [-512n, -513n, -514n, -516n, -5n];
/** Instructions: more than any call of garbage takes. */
const BUDGET = 50_000;

const hasTables = ({ options }: SystemCallSubject): boolean => options.createTables !== undefined;

function numbersOf(lab: CallLab): readonly number[] {
  const { numbers } = lab.kernel.get(SYSTEM_CALLS);
  ok(numbers.length > 0, 'there is a call in the tables under test');
  return numbers;
}

function tableCase(id: string, run: (subject: SystemCallSubject) => void): SystemCallCase {
  return { id: `system-call/tables/${id}`, applies: hasTables, run };
}

/** Ends whatever lives still. */
function killAll(lab: CallLab, made: Task): void {
  for (const task of [...lab.machine.tasks.values()]) lab.machine.sendSignal(task, { si_signo: 'SIGKILL', si_code: 0 });
  const { reason } = lab.machine.run(BUDGET);
  ok(!made.alive, `a task that is killed in a call ends; it is ${made.state}, and the run ended as '${reason}'`);
}

/** What any table promises, whatever its calls do. */
export const tableCases: readonly SystemCallCase[] = [
  tableCase('every-call-answers-whatever-it-is-given', (subject) => {
    for (const number of numbersOf(subject.tables())) {
      for (const args of GARBAGE) {
        const lab = subject.tables();
        const word = 8 * lab.manifest.wordSize;
        const task = lab.caller([{ number, args: args.map((one) => BigInt.asUintN(word, one)) }]);
        const what = `system call ${number} of ${args.map(String).join(', ') || 'zeroes'}`;
        const { reason } = lab.machine.run(BUDGET);
        if (reason === 'budget' && task.state === 'running') fail(`${what} does not end`);
        equal(lab.errors, [], `${what}: errors in the kernel's error channel`);
        for (const outcome of lab.outcomes) ok(!INTERNAL.includes(outcome), `${what} returns ${outcome}`);
        killAll(lab, task);
        lab.finish();
      }
    }
  }),

  tableCase('calls-leave-no-memory-behind', (subject) => {
    for (const number of numbersOf(subject.tables())) {
      const lab = subject.tables();
      const before = lab.machine.physical.used;
      const task = lab.caller([{ number }, { number, args: [1n, 1n, 1n, 1n, 1n, 1n] }]);
      lab.machine.run(BUDGET);
      killAll(lab, task);
      equal(lab.machine.physical.used, before, `page frames in use behind system call ${number}, and before`);
      lab.finish();
    }
  }),

  tableCase('stop-takes-them-away', (subject) => {
    const lab = subject.tables();
    const calls = lab.kernel.get(SYSTEM_CALLS);
    numbersOf(lab);
    const hooks = Object.values(lab.machine.hooks);
    lab.finish();
    equal(calls.numbers, [], 'numbers that are left');
    for (const list of hooks) equal(list.size, 0, 'hooks that are left');
  }),

  tableCase('a-kernel-has-them-once', (subject) => {
    const create = subject.options.createTables;
    if (create === undefined) return;
    let refused = false;
    try {
      subject.compose(...create(), ...create()).dispose();
    } catch {
      refused = true;
    }
    ok(refused, 'composing the same tables twice is refused');
  }),
];
