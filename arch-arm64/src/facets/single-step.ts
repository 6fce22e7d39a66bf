import type { SingleStep } from '@hwbp/core';
import { enableStep } from '../driver/linux-stepping.js';

/** TIF_SINGLESTEP and PSTATE.SS (Linux: arch/arm64/kernel/debug-monitors.c). */
export const ARM64_SINGLE_STEP: SingleStep = Object.freeze<SingleStep>({
  enable: ({ resumePoint }) => enableStep(resumePoint),
  /** The flag only: PSTATE.SS means nothing without it. */
  disable: ({ resumePoint }) => {
    resumePoint.singleStep = false;
  },
});
