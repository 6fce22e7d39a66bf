import { type Consumer, coreError, KernelError, REGISTERS } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import type { ConsumerCase, ConsumerLab } from './consumer-subject.js';

/** More instructions than the suites' task has, and than anybody needs to be called. */
const BUDGET = 2000;

/** Does something that may be refused; what was thrown otherwise comes through. */
function perhaps(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
  }
}

/** Anything may be wrong with what a stopped consumer is asked for: only what is taken matters. */
function whatever(action: () => unknown): void {
  try {
    action();
  } catch {
    // It may be refused in any way.
  }
}

/** What a consumer shows of itself: how many there are of each thing, and whatever is a plain value. */
function shownBy(consumer: Consumer): Readonly<Record<string, unknown>> {
  const shown: Record<string, unknown> = {};
  for (let of: object | null = Object.getPrototypeOf(consumer); of !== null && of !== Object.prototype; ) {
    for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(of))) {
      const value: unknown = get?.call(consumer);
      if (Array.isArray(value)) shown[name] = `${value.length} of them`;
      else if (value instanceof Map || value instanceof Set) shown[name] = `${value.size} of them`;
      else if (get !== undefined && typeof value !== 'object' && typeof value !== 'function') shown[name] = value;
    }
    of = Object.getPrototypeOf(of);
  }
  return shown;
}

/** Lets the admission of breakpoints fail, from the `nth` on, until the function that it returns is called. */
function failing({ kernel }: ConsumerLab, nth: number): { readonly end: () => void; readonly failed: () => boolean } {
  const registers = kernel.get(REGISTERS);
  let asked = 0;
  const fail = (): void => {
    asked++;
    if (asked >= nth) throw coreError('HWBP_NO_SLOT', 'the testkit has no register left', {});
  };
  const { admit, claim } = registers;
  registers.admit = (...given) => {
    fail();
    return admit.apply(registers, given);
  };
  registers.claim = (...given) => {
    fail();
    return claim.apply(registers, given);
  };
  return {
    end: () => {
      registers.admit = admit;
      registers.claim = claim;
    },
    failed: () => asked >= nth,
  };
}

/** More registrations than a use may make and still be checked at every one. */
const MOST_FAILURES = 12;

/** What becomes of a consumer that is used, in whatever way that ends. */
export const useCases: readonly ConsumerCase[] = [
  {
    id: 'consumer/a-stopped-one-takes-nothing',
    run: (subject) => {
      const lab = subject.lab();
      const { consumer, witness, kernel } = lab;
      for (const used of [false, true]) {
        consumer.start();
        if (used) lab.use();
        consumer.stop();
        const shown = shownBy(consumer);
        whatever(() => lab.use());
        equal(shownBy(consumer), shown, 'what it shows of itself behind a use once it is stopped');
        equal(witness.now, witness.before, `what is taken by a use once it is stopped${used ? ', used before' : ''}`);
      }
      consumer.start();
      lab.use();
      kernel.dispose();
    },
  },

  {
    id: 'consumer/what-it-handed-out-takes-nothing-once-stopped',
    run: (subject) => {
      const lab = subject.lab();
      const { consumer, witness, kernel } = lab;
      const started = witness.now;
      const later = lab.use();
      consumer.stop();
      for (const [i, act] of later.entries()) {
        perhaps(act);
        equal(witness.now, witness.before, `what is taken by what it handed out before it was stopped, way ${i + 1}`);
      }
      consumer.start();
      equal(witness.now, started, 'what is taken at the beginning of another life');
      kernel.dispose();
    },
  },

  {
    id: 'consumer/a-use-that-fails-half-way-is-given-back',
    run: (subject) => {
      for (let nth = 1; nth <= MOST_FAILURES; nth++) {
        const lab = subject.lab();
        const { consumer, witness, kernel } = lab;
        const { end, failed } = failing(lab, nth);
        whatever(() => lab.use());
        end();
        consumer.stop();
        equal(witness.now, witness.before, `what is taken after stop, where registration ${nth} of a use failed`);
        consumer.start();
        lab.use();
        consumer.stop();
        equal(witness.now, witness.before, `what is taken after a use that goes well, behind that`);
        kernel.dispose();
        if (!failed()) return;
      }
    },
  },

  {
    id: 'consumer/the-machine-runs-between-use-and-stop',
    run: (subject) => {
      const { consumer, witness, use, kernel } = subject.lab();
      use();
      for (const budget of [1, 3, 10, BUDGET]) {
        kernel.machine.run(budget);
        consumer.start();
      }
      consumer.stop();
      equal(witness.now, witness.before, 'what is taken after stop, behind a run');
      kernel.machine.run(BUDGET);
      equal(witness.now, witness.before, 'what is taken once the machine has run on');
      kernel.dispose();
    },
  },

  {
    id: 'consumer/is-stopped-while-the-machine-runs',
    run: (subject) => {
      for (const after of [1, 5, 20]) {
        const { consumer, witness, use, kernel } = subject.lab();
        const { machine } = kernel;
        use();
        machine.run(after);
        const work = { perform: () => consumer.stop() };
        machine.irqWork(machine.cpu(0), work);
        machine.run(BUDGET);
        consumer.stop();
        equal(witness.now, witness.before, `what is taken after a stop ${after} instructions on, and a run`);
        kernel.dispose();
      }
    },
  },

  {
    id: 'consumer/tasks-go-on-once-it-is-stopped',
    run: (subject) => {
      for (const runs of [0, 7]) {
        const { consumer, use, kernel, task } = subject.lab();
        use();
        if (runs > 0) kernel.machine.run(runs);
        consumer.stop();
        equal(
          [task.forcedStep, task.resumePoint.singleStep, task.tracer],
          [false, false, undefined],
          'whether the task is stepped, and its tracer, once it is stopped',
        );
        for (let i = 0; i < 3 && task.alive; i++) kernel.machine.run(BUDGET);
        equal(
          task.exit,
          { code: 0 },
          `how a task ended that was running when the consumer was used, after ${runs} instructions`,
        );
        kernel.dispose();
      }
    },
  },

  {
    id: 'consumer/several-uses-are-given-back',
    run: (subject) => {
      const { consumer, witness, use, kernel } = subject.lab();
      const later = [...use()];
      for (let i = 0; i < 2; i++) perhaps(() => later.push(...use()));
      kernel.machine.run(20);
      consumer.stop();
      equal(witness.now, witness.before, 'what is taken after stop, behind three uses');
      for (const act of later) perhaps(act);
      equal(witness.now, witness.before, 'what is taken by what it handed out then');
      kernel.dispose();
    },
  },

  {
    id: 'consumer/starts-again-as-new',
    run: (subject) => {
      const lab = subject.lab();
      const { consumer, witness, use, kernel } = lab;
      const [started, shown] = [witness.now, shownBy(consumer)];
      use();
      const used = witness.now;
      for (let life = 1; life <= 3; life++) {
        consumer.stop();
        consumer.start();
        equal(witness.now, started, `what is taken at the beginning of life ${life + 1}`);
        equal(shownBy(consumer), shown, `what it shows of itself at the beginning of life ${life + 1}`);
        use();
        equal(witness.now, used, `what is taken by a use in life ${life + 1}`);
      }
      kernel.dispose();
    },
  },

  {
    id: 'consumer/kernels-do-not-answer-for-each-other',
    run: (subject) => {
      const [a, b] = [subject.lab(), subject.lab()];
      const shown = shownBy(b.consumer);
      const later = a.use();
      a.kernel.machine.run(20);
      equal(shownBy(b.consumer), shown, 'what it shows in a kernel while it is used in another');
      b.use();
      const used = b.witness.now;
      a.consumer.stop();
      for (const act of later) perhaps(act);
      equal(b.witness.now, used, 'what is taken in a kernel once it is stopped in another');
      b.consumer.stop();
      equal(b.witness.now, b.witness.before, 'what is taken in a kernel once it is stopped there, too');
      ok(a.consumer !== b.consumer, 'two kernels have two consumers');
      a.kernel.dispose();
      b.kernel.dispose();
    },
  },
];
