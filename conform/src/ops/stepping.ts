import type { Step } from '../format/script.js';
import type { Run } from '../player/run.js';

/** How a step's task is resumed: by PTRACE_SINGLESTEP if its `mode` is `step`. */
export function stepping(step: Step): Pick<Run, 'resume'> {
  return step.mode === 'step' ? { resume: (tracer, task) => tracer.singleStep(task) } : {};
}
