import {
  PERF_SAMPLE_AUX,
  PERF_SAMPLE_BRANCH_STACK,
  PERF_SAMPLE_REGS_INTR,
  PERF_SAMPLE_REGS_USER,
  PERF_SAMPLE_STACK_USER,
} from '../attr/formats.js';
import { perfError } from '../errors.js';

/** What a simulated kernel has nothing to fill with. */
const UNSUPPORTED = {
  branch_stack: PERF_SAMPLE_BRANCH_STACK,
  regs_user: PERF_SAMPLE_REGS_USER,
  stack_user: PERF_SAMPLE_STACK_USER,
  regs_intr: PERF_SAMPLE_REGS_INTR,
  aux: PERF_SAMPLE_AUX,
} as const;

/** Refuses to record samples with branch stacks, registers, stacks or AUX data: EOPNOTSUPP. */
export function checkSampleType(sample_type: number): void {
  for (const [name, bit] of Object.entries(UNSUPPORTED)) {
    if ((sample_type & bit) === 0) continue;
    throw perfError(
      'PERF_SAMPLE_UNSUPPORTED',
      `samples of a simulated kernel have no ${name}: clear bit 0x${bit.toString(16)} of sample_type`,
      { sample_type, bit },
    );
  }
}
