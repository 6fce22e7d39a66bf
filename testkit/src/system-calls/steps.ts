import {
  type Instruction,
  program,
  SA_RESTART,
  type SIGNALS,
  type SignalInfo,
  SystemCallRestart,
  type Tracer,
  WaitQueue,
} from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { besideDirectMap } from '../lab/kernel-memory.js';
import { plain } from '../lab/spot.js';
import type { CallLab, SystemCallCase, SystemCallSubject } from './system-call-subject.js';

/** Where the instructions of the suites' handlers are. */
function kernelText(lab: CallLab, index = 0): bigint {
  return besideDirectMap(lab.manifest) + BigInt(4 * index);
}

const info = (si_signo: keyof typeof SIGNALS): SignalInfo => ({ si_signo, si_code: 0 });

/** A call that waits for `there`, and counts how often it was made. */
function waiting(subject: SystemCallSubject, name: 'ERESTARTSYS' | 'ERESTARTNOHAND' = 'ERESTARTSYS') {
  const state = { there: false, made: 0 };
  const lab: CallLab = subject.lab({
    7: function* ({ args: [first] }) {
      state.made++;
      const [ended] = yield queue.wait({ until: () => state.there });
      if (ended === 1n) throw new SystemCallRestart(name);
      return 100n + (first ?? 0n);
    },
    8: () => queue.wait({ until: () => state.there }),
  });
  const queue = new WaitQueue(lab.machine, 'a letter');
  const bring = (): void => {
    state.there = true;
    queue.wakeAll();
    lab.run();
  };
  return { lab, queue, state, bring };
}

/** Signals of a handler that notes that it was entered. */
function handler(entered: string[]) {
  return () => {
    entered.push('handler');
    return program([plain(100)])();
  };
}

function stepCase(id: string, run: (subject: SystemCallSubject) => void): SystemCallCase {
  return { id: `system-call/${id}`, run };
}

/** What a call executes and waits for. */
export const stepCases: readonly SystemCallCase[] = [
  stepCase('steps-execute-in-kernel-mode-and-learn-what-they-load', (subject) => {
    const modes: string[] = [];
    const lab: CallLab = subject.lab({
      1: function* ({ task }) {
        const access = { kind: 'read', address: data, size: 4 } as const;
        const [loaded] = yield { pc: kernelText(lab), length: 4, accesses: [access] };
        modes.push(task.context.mode);
        return loaded ?? -1n;
      },
    });
    const data = kernelText(lab, 0x400);
    lab.machine.kernelMemory.map(data, 4);
    lab.machine.kernelMemory.writeInteger(data, 4, 1234n);
    const before = lab.machine.count;
    lab.caller([{ number: 1 }]);
    lab.run();
    equal(modes, ['kernel'], 'the mode of a step');
    equal(lab.outcomes, [1234n], 'what it has loaded and returned');
    equal(lab.machine.count - before, 3, 'instructions that have retired, the step among them');
    lab.finish();
  }),

  stepCase('a-caller-keeps-its-registers', (subject) => {
    const { use } = subject;
    const others = use.args.slice(1);
    const scratch = (): string => lab.manifest.roles.general.at(-1) ?? 'r7';
    const lab: CallLab = subject.lab({
      1: function* () {
        const registers = Object.fromEntries([...use.args, scratch()].map((name) => [name, 99n]));
        yield { pc: kernelText(lab), length: 4, registers };
        return 5;
      },
      2: () => program([{ pc: kernelText(lab), length: 4, registers: { [use.result]: 6n, [others[0] ?? '']: 99n } }]),
    });
    const args = [1n, 2n, 3n, 4n, 5n, 6n];
    for (const number of [1, 2]) {
      const task = lab.caller([{ number, args }]);
      lab.run();
      const left = others.filter((name) => name !== use.result).map((name) => task.context.get(name));
      equal(left, args.slice(1), `registers of arguments behind call ${number}`);
      equal(task.context.get(scratch()), 0n, 'a register that the caller has never written');
    }
    equal(lab.outcomes, [5n, 6n], 'results: of steps, and of a program that leaves it in its register');
    lab.finish();
  }),

  stepCase('a-call-that-waits-sleeps-until-it-is-woken', (subject) => {
    for (const number of [7, 8]) {
      const { lab, queue, bring } = waiting(subject);
      const task = lab.caller([{ number, args: [5n] }]);
      lab.run();
      equal([task.state, task.waitsFor], ['waiting', 'a letter'], 'the caller, and what it waits for');
      equal(lab.outcomes, [], 'calls that returned before');
      queue.wakeAll();
      lab.run();
      equal(task.state, 'waiting', 'the caller, woken for nothing');
      bring();
      equal(lab.outcomes, [number === 7 ? 105n : 0n], 'results once it has come');
      equal(queue.length, 0, 'tasks that wait still');
      lab.finish();
    }
  }),

  stepCase('what-has-come-before-is-not-waited-for', (subject) => {
    const { lab, state } = waiting(subject);
    state.there = true;
    lab.caller([{ number: 7 }, { number: 8 }]);
    lab.run();
    equal(lab.outcomes, [100n, 0n], 'results of calls that need not wait');
    lab.finish();
  }),

  stepCase('a-handler-that-does-not-restart-makes-it-eintr', (subject) => {
    for (const number of [7, 8]) {
      const { lab, queue } = waiting(subject);
      const entered: string[] = [];
      const task = lab.caller([{ number }]);
      lab.run();
      task.handlers.set('SIGUSR1', handler(entered));
      lab.machine.sendSignal(task, info('SIGUSR1'));
      lab.run();
      equal(entered, ['handler'], 'handlers of signals that were entered');
      equal(lab.outcomes, [-4n], 'the result of a call that a signal has ended');
      equal(queue.length, 0, 'tasks that wait still');
      lab.finish();
    }
  }),

  stepCase('a-handler-that-restarts-has-the-call-made-again', (subject) => {
    const { lab, state, bring } = waiting(subject);
    const entered: string[] = [];
    const task = lab.caller([{ number: 7, args: [5n] }]);
    lab.run();
    task.handlers.set('SIGUSR1', { sa_handler: handler(entered), sa_flags: SA_RESTART });
    lab.machine.sendSignal(task, info('SIGUSR1'));
    lab.run();
    equal([entered, state.made, task.state], [['handler'], 2, 'waiting'], 'handlers, calls made, and the caller');
    bring();
    equal(lab.outcomes, [105n], 'its result, of the same argument');
    lab.finish();
  }),

  stepCase('a-call-that-restarts-without-a-handler-only', (subject) => {
    for (const handled of [true, false]) {
      const { lab, state, bring } = waiting(subject, 'ERESTARTNOHAND');
      const task = lab.caller([{ number: 7 }]);
      lab.run();
      if (handled) task.handlers.set('SIGUSR1', { sa_handler: handler([]), sa_flags: SA_RESTART });
      const signals = handled ? (['SIGUSR1'] as const) : (['SIGSTOP', 'SIGCONT'] as const);
      for (const signal of signals) {
        lab.machine.sendSignal(task, info(signal));
        lab.run();
      }
      equal(state.made, handled ? 1 : 2, handled ? 'calls made, with a handler' : 'calls made, behind a stop');
      if (!handled) bring();
      equal(lab.outcomes, [handled ? -4n : 100n], 'its result');
      lab.finish();
    }
  }),

  stepCase('a-call-that-waits-ends-with-its-task', (subject) => {
    const { lab, queue } = waiting(subject);
    const task = lab.caller([{ number: 7 }]);
    lab.run();
    lab.machine.sendSignal(task, info('SIGKILL'));
    lab.run();
    equal([task.state, queue.length, lab.outcomes.length], ['dead', 0, 0], 'the task, the queue, calls that returned');
    lab.finish();
  }),

  stepCase('a-tracer-changes-which-call-is-made', (subject) => {
    const { use } = subject;
    const register = use.traced ?? use.number;
    for (const [number, expected] of [
      [2n, [2n]],
      [-1n, [-38n]],
    ] as const) {
      const made: number[] = [];
      const lab = subject.lab({ 1: () => made.push(1), 2: () => made.push(2) && 2 });
      const task = lab.caller([{ number: 1 }]);
      const tracer: Tracer = { signal: () => 'deliver', systemCallEntry: () => 'stop' };
      task.tracer = tracer;
      lab.run();
      equal([task.state, made], ['stopped', []], 'the task at the entry, and calls made before');
      task.context.set(register, number);
      lab.machine.wake(task);
      lab.run();
      equal(made, number === 2n ? [2] : [], `calls made, once ${register} is ${number}`);
      equal<readonly bigint[]>(lab.outcomes, expected, 'its result');
      lab.finish();
    }
  }),

  stepCase('the-same-however-the-run-is-sliced', (subject) => {
    const trace = (slice: number): unknown => {
      const lab: CallLab = subject.lab({
        1: function* ({ cpu }) {
          const steps: Instruction[] = [0, 1, 2].map((index) => ({ pc: kernelText(lab, index), length: 4 }));
          yield* steps;
          yield queue.wait();
          return cpu.index;
        },
        2: () => queue.wake(),
      });
      const queue = new WaitQueue(lab.machine, 'the other');
      lab.caller([{ number: 1 }], { affinity: [0] });
      lab.caller([{ number: 2 }, { number: 2 }, { number: 2 }], { affinity: [1] });
      for (let left = 200; left > 0 && lab.machine.run(slice).reason !== 'idle'; left--);
      queue.wakeAll();
      lab.run();
      const end = [lab.outcomes, lab.machine.count];
      lab.finish();
      return end;
    };
    const whole = trace(Number.POSITIVE_INFINITY);
    for (const slice of [1, 2, 7]) equal(trace(slice), whole, `results and instructions, ${slice} at a time`);
    ok(Array.isArray(whole), 'there is a trace');
  }),
];
