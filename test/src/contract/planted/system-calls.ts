import { type Planted, plantedIn } from './planted.js';

const PROGRAM = 'core/src/kernel/system-calls/call-program.ts';
const FRAME = 'core/src/kernel/system-calls/call-frame.ts';
const TABLES = 'core/src/kernel/system-calls/system-calls.ts';

const SLEEPS = 'system-call/a-call-that-waits-sleeps-until-it-is-woken';
const EINTR = 'system-call/a-handler-that-does-not-restart-makes-it-eintr';
const AGAIN = 'system-call/a-handler-that-restarts-has-the-call-made-again';
const REFUSAL = 'system-call/a-refusal-is-its-errno';
const TOLD = 'system-call/an-error-is-told-and-the-kernel-goes-on';
const KEPT = 'system-call/a-caller-keeps-its-registers';
const GONE = 'system-call/a-task-that-ends-or-executes-something-else-has-no-result';
const ASKED = 'system-call/handlers-get-what-was-asked';
const TRACED = 'system-call/a-tracer-changes-which-call-is-made';

/** Defects of system calls by number. */
export const systemCalls: readonly Planted[] = [
  ...plantedIn(TABLES, 'system-call', 'x86', [
    [
      'arguments are one off',
      'abi.args(task.context))',
      'abi.args(task.context).slice(1))',
      ASKED,
      AGAIN,
      GONE,
      SLEEPS,
    ],
    [
      'a table that ends stays',
      '        if (this.#calls.get(number)?.table === table) this.#calls.delete(number);\n',
      '',
      'system-call/stop-takes-a-table-away',
    ],
    ['an error does not name the table', '{entry.table.name}', '{number}', TOLD],
    [
      'a number that nobody has is 0',
      'if (entry === undefined) throw',
      'if (entry === undefined) return 0;\n    if (entry === undefined) throw',
      'system-call/a-number-that-nobody-has-is-enosys',
    ],
  ]),
  ...plantedIn(PROGRAM, 'system-call', 'x86', [
    [
      'an errno has the wrong sign',
      'this.#end(-error.errnum);',
      'this.#end(error.errnum);',
      REFUSAL,
      'system-call/a-number-that-nobody-has-is-enosys',
    ],
    [
      'an error is nobody’s',
      '      this.#lookup.failed(this.#number, error);\n      this.#end(FAILED);',
      '      this.#end(FAILED);',
      TOLD,
    ],
    [
      'an error brings the kernel down',
      '      this.#lookup.failed(this.#number, error);\n      this.#end(FAILED);',
      '      throw error;',
      TOLD,
    ],
    [
      'what is no result passes',
      'if (Number.isSafeInteger(result)) return BigInt(result as number);',
      'return BigInt(Math.trunc(Number(result)) || 0);',
      TOLD,
    ],
    [
      'nothing ends a wait',
      "if (this.#sleep !== undefined) return this.#sleep.over ? 'ready' : 'asleep';",
      "if (this.#sleep !== undefined) return 'asleep';",
      SLEEPS,
      EINTR,
      AGAIN,
      'system-call/a-call-that-restarts-without-a-handler-only',
      'system-call/the-same-however-the-run-is-sliced',
    ],
    [
      'a wake-up for nothing ends a wait',
      "if (this.#sleep !== undefined) return this.#sleep.over ? 'ready' : 'asleep';",
      "if (this.#sleep !== undefined) return this.#task.state === 'running' ? 'ready' : 'asleep';",
      SLEEPS,
      'system-call/a-call-that-waits-ends-with-its-task',
      EINTR,
      AGAIN,
      'system-call/a-call-that-restarts-without-a-handler-only',
    ],
    [
      'what has come before is waited for',
      'if (this.#sleep === undefined) this.#goOn(0n);',
      '',
      'system-call/what-has-come-before-is-not-waited-for',
    ],
    ['a caller loses its registers', '    this.#clobbered.restore(context);\n', '', KEPT],
    [
      'a task that executes something else gets a result',
      '    if (!stack.some(({ program }) => program === this)) return;\n',
      '',
      GONE,
    ],
    ['a program’s result is lost', 'this.#end(this.#lookup.abi.result(this.#task.context))', 'this.#end(0n)', KEPT],
    [
      'a wait that a signal has ended has come',
      "else this.#end(new SystemCallRestart<CallResult>('ERESTART_RESTARTBLOCK', () => waiting));",
      'else this.#end(0n);',
      EINTR,
    ],
    [
      'a restart is a result',
      'if (result instanceof SystemCallRestart) this.restart = result;',
      '',
      EINTR,
      AGAIN,
      'system-call/a-call-that-restarts-without-a-handler-only',
    ],
  ]),
  ...plantedIn(FRAME, 'system-call', 'x86', [
    ['a handler that restarts does not', '(flags & SA_RESTART) !== 0', 'flags < 0', AGAIN],
    ['every handler restarts', '(flags & SA_RESTART) !== 0', 'flags >= 0', EINTR],
    [
      'a call that is made again has its number as the result',
      '    this.#abi.restart(context);\n',
      '',
      AGAIN,
      'system-call/a-call-that-restarts-without-a-handler-only',
    ],
    [
      'a call that ends for a signal shows how',
      '    this.#abi.setResult(task.context, INTERRUPTED);\n',
      '',
      EINTR,
      'system-call/a-call-that-restarts-without-a-handler-only',
    ],
  ]),
  ...plantedIn('core/src/kernel/system-calls/call-steps.ts', 'system-call', 'ppc64', [
    [
      'steps do not learn that a signal has ended their wait',
      'this.#woken = [woken];',
      'this.#woken = [0n];',
      EINTR,
      AGAIN,
      'system-call/a-call-that-restarts-without-a-handler-only',
    ],
    [
      'steps do not learn what they load',
      'const step = this.#steps.next(given);',
      'const step = this.#steps.next(this.#woken ?? []);',
      'system-call/steps-execute-in-kernel-mode-and-learn-what-they-load',
      EINTR,
      AGAIN,
      'system-call/a-call-that-restarts-without-a-handler-only',
    ],
  ]),
  ...plantedIn('core/src/kernel/traps.ts', 'system-call', 'ppc64', [
    ['a tracer does not hold a call', "if (how !== 'go') this.#parts.scheduler.halt(current);", '', TRACED],
    [
      'a call executes as its caller',
      "    context.mode = 'kernel';\n",
      '',
      'system-call/steps-execute-in-kernel-mode-and-learn-what-they-load',
    ],
  ]),
  ...plantedIn('core/src/composition/check-plugins.ts', 'system-call', 'x86', [
    [
      'two tables may have one number',
      '  checkExclusive(all);\n',
      '',
      'system-call/one-number-twice-is-refused-with-both-names',
    ],
  ]),
  ...plantedIn('arch-x86/src/facets/system-call-abi.ts', 'facet', 'x86', [
    [
      'an argument is in the register of functions',
      "'rdx', 'r10'",
      "'rdx', 'rcx'",
      'facet/system-call-arguments-are-six-registers-in-order',
    ],
    [
      'the result is in another register',
      'setResult: (context, value) => context.set(result,',
      "setResult: (context, value) => context.set('rdx',",
      'facet/system-call-results-and-errors-are-told-apart',
      'facet/system-call-results-are-where-programs-look',
      'facet/system-call-is-restarted-with-its-registers',
    ],
    [
      'the number is where its result goes',
      'context.get(original)))',
      'context.get(result)))',
      'facet/system-call-number-is-in-its-register',
    ],
    [
      'nobody’s call has no result',
      'const ENOSYS = -38n',
      'const ENOSYS = 0n',
      'facet/system-call-whose-number-becomes-minus-one-is-skipped',
    ],
    [
      'a call is made again with its result as the number',
      'restart: (context) => context.set(result, cut(context, original))',
      'restart: () => {}',
      'facet/system-call-is-restarted-with-its-registers',
    ],
  ]),
  ...plantedIn('arch-x86/src/facets/system-call-abi.ts', 'facet', 'x86 of 32 bits', [
    [
      'a result has more bits than its register',
      'BigInt.asIntN(bits, context.get(result))',
      'BigInt.asIntN(64, context.get(result))',
      'facet/system-call-results-and-errors-are-told-apart',
      'facet/system-call-that-nobody-has-is-enosys-and-keeps-registers',
      'facet/system-call-whose-number-becomes-minus-one-is-skipped',
    ],
  ]),
  ...plantedIn('arch-ppc64/src/facets/system-call-abi.ts', 'facet', 'power10', [
    [
      'an errno keeps its sign',
      'fails ? -result : result',
      'result',
      'facet/system-call-results-and-errors-are-told-apart',
      'facet/system-call-results-are-where-programs-look',
      'facet/system-call-that-nobody-has-is-enosys-and-keeps-registers',
      'facet/system-call-whose-number-becomes-minus-one-is-skipped',
    ],
    [
      'a value behind an error is one',
      'fails ? others | SUMMARY_OVERFLOW : others',
      "fails ? others | SUMMARY_OVERFLOW : context.get('ccr')",
      'facet/system-call-results-and-errors-are-told-apart',
      'facet/system-call-results-are-where-programs-look',
    ],
    [
      'the last error is a value',
      'result >= LAST_ERROR',
      'result > LAST_ERROR',
      'facet/system-call-results-are-where-programs-look',
    ],
  ]),
  ...plantedIn('arch-riscv64/src/facets/system-call-abi.ts', 'facet', 'riscv64', [
    [
      'the first argument is the result',
      "context.get('orig_a0'), ...",
      "context.get('a0'), ...",
      'facet/system-call-arguments-are-six-registers-in-order',
    ],
  ]),
];
