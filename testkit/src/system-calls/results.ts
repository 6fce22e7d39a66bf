import { CompositionError, coreError, SYSTEM_CALLS, syscalls } from '@hwbp/core';
import { equal, ok, thrown } from '../assert/index.js';
import { plain } from '../lab/spot.js';
import type { CallLab, SystemCallCase, SystemCallSubject } from './system-call-subject.js';

const ENOSYS = -38n;
const ECHILD = -10n;
const EIO = -5n;

/** Arguments that use every bit of a word, of which no two are alike. */
function distinct({ manifest }: CallLab): readonly bigint[] {
  const top = 1n << BigInt(8 * manifest.wordSize - 1);
  return [1n, 2n, 3n, 4n, 5n, 6n].map((value) => top | value);
}

function resultCase(id: string, run: (subject: SystemCallSubject) => void): SystemCallCase {
  return { id: `system-call/${id}`, run };
}

/** What goes into a call, and what comes out. */
export const resultCases: readonly SystemCallCase[] = [
  resultCase('handlers-get-what-was-asked', (subject) => {
    const seen: unknown[] = [];
    const lab = subject.lab({
      7: ({ number, args, task, cpu, machine }) => {
        seen.push(number, args, task === caller, cpu === machine.cpu(1), machine === lab.machine);
      },
    });
    const args = distinct(lab);
    const caller = lab.caller([{ number: 7, args }], { affinity: [1] });
    lab.run();
    equal(
      seen,
      [7, args, true, true, true],
      'number and arguments, and whether task, CPU and machine are the right ones',
    );
    lab.finish();
  }),

  resultCase('each-number-has-its-own-handler', (subject) => {
    const lab = subject.lab({ 0: () => 100, 1: () => 101, 2147483647: () => 102 });
    lab.caller([0x7fff_ffff, 1, 0, 1].map((number) => ({ number })));
    lab.run();
    equal(lab.outcomes, [102n, 101n, 100n, 101n], 'results by number');
    lab.finish();
  }),

  resultCase('values-come-back', (subject) => {
    const lab = subject.lab({ 1: () => 42n, 2: () => 42, 3: () => {}, 4: () => 0x7fff_f000n });
    lab.caller([1, 2, 3, 4].map((number) => ({ number })));
    lab.run();
    equal(lab.outcomes, [42n, 42n, 0n, 0x7fff_f000n], 'a bigint, a number, nothing, a large one');
    lab.finish();
  }),

  resultCase('a-refusal-is-its-errno', (subject) => {
    const lab = subject.lab({
      1: () => {
        throw coreError('TASK_NO_CHILD', 'there is none');
      },
      2: () => -22,
      3: function* () {
        yield plain(100);
        throw coreError('TASK_NO_CHILD', 'there is none');
      },
      4: () => 22,
    });
    lab.caller([1, 2, 3, 4].map((number) => ({ number })));
    lab.run();
    equal(lab.outcomes, [ECHILD, -22n, ECHILD, 22n], 'thrown, returned, thrown by steps, and a value behind them');
    equal(lab.errors, [], 'what went to the error channel: a refusal is none');
    lab.finish();
  }),

  resultCase('an-error-is-told-and-the-kernel-goes-on', (subject) => {
    const lab = subject.lab({
      1: function broken() {
        throw new RangeError('a bug');
      },
      2: function* () {
        yield plain(100);
        throw new RangeError('a late bug');
      },
      3: (() => 'no result') as never,
      4: () => Number.NaN,
      5: () => 5,
    });
    lab.caller([1, 2, 3, 4, 5].map((number) => ({ number })));
    lab.run();
    equal(lab.outcomes, [EIO, EIO, EIO, EIO, 5n], 'results of handlers that throw, or return what is none');
    equal(lab.errors.length, 4, 'errors that were told');
    for (const [index, error] of lab.errors.entries()) {
      ok(error.includes(`system call ${index + 1}`), `the error names the call: ${error}`);
      ok(error.includes("'suite'"), `the error names the table: ${error}`);
    }
    ok(lab.errors[0]?.includes('broken') === true, `the error names the handler: ${lab.errors[0]}`);
    lab.finish();
  }),

  resultCase('a-number-that-nobody-has-is-enosys', (subject) => {
    const lab = subject.lab({ 1: () => 1 });
    lab.caller([{ number: 2 }, { number: 1 }, { number: 0x7fff_fffe }]);
    lab.run();
    equal(lab.outcomes, [ENOSYS, 1n, ENOSYS], 'results');
    lab.finish();
  }),

  resultCase('a-task-that-ends-or-executes-something-else-has-no-result', (subject) => {
    const lab = subject.lab({
      1: ({ machine, task, args: [code] }) => {
        machine.exit(task, { code: Number(code) });
        return 1;
      },
      2: ({ machine, task }) => {
        machine.exec(task, () => ({ state: 'done', run: () => 0 }));
        return 77;
      },
    });
    const exited = lab.caller([{ number: 1, args: [3n] }, { number: 1 }]);
    const executes = lab.caller([{ number: 2 }]);
    lab.run();
    equal(exited.exit, { code: 3 }, 'how the first ended');
    equal(executes.exit, { code: 0 }, 'how the second ended');
    equal(executes.context.get(subject.use.result), 0n, 'the register of results of a program that has just begun');
    equal(lab.outcomes, [], 'calls that returned');
    lab.finish();
  }),

  resultCase('one-number-twice-is-refused-with-both-names', (subject) => {
    const [one, other] = ['one', 'other'].map((name) => syscalls({ 9: () => 0 }, { name }));
    if (one === undefined || other === undefined) return;
    const error = thrown(() => subject.compose(one, other), 'two tables with one number');
    ok(error instanceof CompositionError, `it is a CompositionError, got ${String(error)}`);
    equal(error.code, 'COMPOSE_CONFLICT', 'its code: it is seen before anything is made');
    for (const word of ["'one'", "'other'", 'system call 9'])
      ok(error.message.includes(word), `the error has ${word}: ${error.message}`);
    subject.compose(one, syscalls({ 8: () => 0 }, { name: 'other' })).dispose();
  }),

  resultCase('stop-takes-a-table-away', (subject) => {
    const kernel = subject.compose(syscalls({ 9: () => 0 }, { name: 'one' }));
    const calls = kernel.get(SYSTEM_CALLS);
    equal(calls.numbers, [9], 'numbers while it is there');
    kernel.dispose();
    equal(calls.numbers, [], 'numbers behind its end');
  }),
];
