import type { Consumer } from '@hwbp/core';
import { declareCases } from '../runner/contract-case.js';
import { compositionCases } from './composition.js';
import { type ConsumerCase, type ConsumerContractOptions, ConsumerSubject } from './consumer-subject.js';
import { lifecycleCases } from './lifecycle.js';
import { useCases } from './use.js';

export const consumerCases: readonly ConsumerCase[] = [...lifecycleCases, ...useCases, ...compositionCases];

/** What a consumer promises about its life in a kernel: `consumer/...`. */
export function consumerContract<T extends Consumer>(options: ConsumerContractOptions<T>): void {
  declareCases(options.test, options.name, consumerCases, new ConsumerSubject(options));
}
