import { composeKernel } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { compositionErrorOf } from './composition-error-of.js';
import type { ConsumerCase } from './consumer-subject.js';
import { afterFailedStart, saboteur } from './failed-start.js';

/** Starting, stopping, and that everything is given back. */
export const lifecycleCases: readonly ConsumerCase[] = [
  {
    id: 'consumer/is-found-by-its-class',
    run: (subject) => {
      const { kernel, consumer } = subject.lab();
      const { name } = subject.options.consumer.plugin;
      ok(kernel.get(subject.options.consumer) === consumer, 'get answers the same object each time');
      ok(consumer instanceof subject.options.consumer, 'get answers an object of the class');
      const described = kernel.describe().plugins.map((one) => one.name);
      ok(described.includes(name), `describe names '${name}'`);
      kernel.dispose();
    },
  },

  {
    id: 'consumer/start-is-idempotent',
    run: (subject) => {
      const { consumer, witness, use, kernel } = subject.lab();
      const started = witness.now;
      consumer.start();
      equal(witness.now, started, 'what is taken after a second start');
      use();
      const used = witness.now;
      consumer.start();
      equal(witness.now, used, 'what is taken after a start while it is in use');
      consumer.stop();
      equal(witness.now, witness.before, 'what is taken after one stop for three starts');
      kernel.dispose();
    },
  },

  {
    id: 'consumer/stop-gives-everything-back',
    run: (subject) => {
      const { consumer, witness, use, kernel } = subject.lab();
      use();
      consumer.stop();
      equal(witness.now, witness.before, 'what is taken after stop, against before start');
      kernel.dispose();
    },
  },

  {
    id: 'consumer/stop-is-idempotent',
    run: (subject) => {
      const { consumer, witness, use, kernel } = subject.lab();
      consumer.stop();
      equal(witness.now, witness.before, 'what is taken after a stop without use');
      consumer.stop();
      consumer.start();
      use();
      consumer.stop();
      consumer.stop();
      equal(witness.now, witness.before, 'what is taken after a second stop');
      kernel.dispose();
    },
  },

  {
    id: 'consumer/starts-again',
    run: (subject) => {
      const { consumer, witness, use, kernel } = subject.lab();
      const started = witness.now;
      use();
      const used = witness.now;
      consumer.stop();
      consumer.start();
      equal(witness.now, started, 'what is taken after it was started again');
      use();
      equal(witness.now, used, 'what is taken when it is used again');
      kernel.dispose();
    },
  },

  {
    id: 'consumer/dispose-gives-everything-back',
    run: (subject) => {
      const { witness, use, kernel } = subject.lab();
      use();
      kernel.dispose();
      kernel.dispose();
      const bare = subject.witness();
      const { plugins, ...options } = subject.options.compose();
      composeKernel({ ...options, plugins: [...(plugins ?? []), bare.consumer] }).dispose();
      equal(witness.now, bare.now, 'what is taken after dispose, against a kernel without it');
    },
  },

  {
    id: 'consumer/kernels-do-not-share-it',
    run: (subject) => {
      const [a, b] = [subject.lab(), subject.lab()];
      const before = b.witness.now;
      ok(a.consumer !== b.consumer, 'two kernels have two consumers');
      a.use();
      equal(b.witness.now, before, 'what is taken in a kernel while it is used in another');
      b.use();
      const used = b.witness.now;
      a.kernel.dispose();
      equal(b.witness.now, used, 'what is taken in a kernel once another was disposed');
      b.kernel.dispose();
    },
  },

  {
    id: 'consumer/is-stopped-if-a-later-one-fails',
    run: (subject) => {
      const witness = subject.witness();
      const planted = new Error('planted by the testkit');
      const error = compositionErrorOf(() => composeKernel(subject.kernelOptions(witness, [saboteur(planted)])));
      equal(error.code, 'COMPOSE_START_FAILED', 'code of the refusal');
      ok(error.cause === planted, 'the cause is the error that was thrown');
      equal(witness.now, afterFailedStart(subject), 'what is taken after a later consumer did not start');
    },
  },
];
