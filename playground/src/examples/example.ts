import type { Scenario, ScenarioWatch } from '../model/scenario.js';

/** A scenario to start from, and the idea that it shows. Its notes say what to look at, and when. */
export interface Example {
  readonly id: string;
  readonly title: string;
  readonly idea: string;
  readonly scenario: Scenario;
}

/** What most of them have. */
export const BASE = {
  model: 'x86',
  cpus: 2,
  breakpoints: 'direct',
  policy: 'linux',
  tasksBy: 'round-robin',
  seed: 0,
  quantum: 10,
  tick: 400,
  space: 'kernel',
} as const;

/** Five counters. */
export const FIVE = `; Five counters, each of which two tasks count up in turns.
one:    .u64 0
two:    .u64 0
three:  .u64 0
four:   .u64 0
five:   .u64 0

main:   mov   r0, 20
.again: xadd  r1, [one], 1
        xadd  r1, [two], 1
        xadd  r1, [three], 1
        xadd  r1, [four], 1
        xadd  r1, [five], 1
        sub   r0, r0, 1
        bne   r0, 0, .again
        ret
`;

/** A watch for stores. */
export function watch(by: ScenarioWatch['by'], symbol: string, more: Partial<ScenarioWatch> = {}): ScenarioWatch {
  return { by, symbol, access: 'w', ...more };
}
