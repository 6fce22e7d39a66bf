import { type Consumer, type ConsumerClass, composeKernel, injectable, type PluginManifest } from '@hwbp/core';
import { compositionErrorOf } from './composition-error-of.js';
import type { ConsumerSubject } from './consumer-subject.js';
import type { Resources } from './resources.js';

/** A consumer whose start throws this. */
export function saboteur(error: unknown): ConsumerClass {
  @injectable()
  class Saboteur implements Consumer {
    static readonly plugin: PluginManifest = { name: 'testkit saboteur' };

    start(): void {
      throw error;
    }

    stop(): void {}
  }
  return Saboteur;
}

/** What is taken in a kernel that could not be composed, without the consumer under test. */
export function afterFailedStart(subject: ConsumerSubject): Resources {
  const witness = subject.witness();
  const options = subject.kernelOptions(witness);
  const others = (options.plugins ?? []).filter((one) => one !== subject.options.consumer);
  const plugins = [...others, saboteur(new Error('planted by the testkit'))];
  compositionErrorOf(() => composeKernel({ ...options, plugins }));
  return witness.now;
}
