import { declareCases } from '../runner/contract-case.js';
import { controlCases } from './control.js';
import { movementCases } from './movement.js';
import { parameterCases } from './parameters.js';
import { samenessCases } from './sameness.js';
import { type SchedulingCase, type SchedulingContractOptions, SchedulingSubject } from './scheduling-subject.js';
import { turnCases } from './turns.js';

export const schedulingCases: readonly SchedulingCase[] = [
  ...turnCases,
  ...movementCases,
  ...controlCases,
  ...parameterCases,
  ...samenessCases,
];

/**
 * What a scheduling class promises: `scheduling/...`. Tasks without parameters are equal, and nobody of them starves;
 * the same composition is the same run, from an image too; and it answers nothing that the kernel has to refuse.
 */
export function schedulingContract(options: SchedulingContractOptions): void {
  declareCases(options.test, options.name, schedulingCases, new SchedulingSubject(options));
}
