import type { SingleStep } from '@hwbp/core';
import type { Tracee } from './tracee.js';

/** The single steps of one tracer's tracees. */
export interface Stepping {
  /** A tracee goes on: for one instruction, or without a step. */
  go(tracee: Tracee, step: boolean): void;
  /** It has stopped, or is let go: what its tracer asked for is over. */
  end(tracee: Tracee, gone: boolean): void;
}

/** Where a step is a flag among the program's own, which a debugger must not be shown. */
const FLAG: Stepping = Object.freeze<Stepping>({
  go(tracee, step) {
    const { task } = tracee;
    if (!step || task.state !== 'running') return;
    const { resumePoint } = task;
    tracee.stepping = !resumePoint.singleStep;
    task.forcedStep = tracee.stepping;
    resumePoint.singleStep = true;
  },
  end(tracee) {
    const { task, stepping } = tracee;
    // An instruction that wrote the flags has made it the program's own.
    if (stepping && task.forcedStep) task.resumePoint.singleStep = false;
    task.forcedStep = false;
    tracee.stepping = false;
  },
});

/** How tracees step: as the architecture says, or by the flag that most have. */
export function steppingOf(facet: SingleStep | undefined): Stepping {
  if (facet === undefined) return FLAG;
  return {
    go({ task }, step) {
      if (!step) facet.disable(task);
      else if (task.state === 'running') facet.enable(task);
    },
    end({ task }, gone) {
      if (gone) facet.disable(task);
    },
  };
}
