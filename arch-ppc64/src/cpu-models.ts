import { DABR } from './silicon/dabr.js';
import { DAWR_207, DAWR0_31, DAWR1_31 } from './silicon/dawr.js';
import type { WatchLayout } from './silicon/watch-layout.js';

/** What one CPU differs in from the others. */
export interface CpuModel {
  /** Version of the Power ISA. */
  readonly isa: 2.06 | 2.07 | 3.0 | 3.1;
  /** Its watch registers. */
  readonly watches: readonly WatchLayout[];
  /** A range may cross a multiple of 512 bytes. */
  readonly crosses: boolean;
  /**
   * Linux uses them. POWER9's are accounted and switched off: a match on cache-inhibited memory can stop the machine.
   */
  readonly usable: boolean;
}

/** The CPUs that there are. */
export const CPU_MODELS = Object.freeze({
  power7: { isa: 2.06, watches: [DABR], crosses: false, usable: true },
  power8: { isa: 2.07, watches: [DAWR_207], crosses: false, usable: true },
  power9: { isa: 3.0, watches: [DAWR_207], crosses: false, usable: false },
  power10: { isa: 3.1, watches: [DAWR0_31, DAWR1_31], crosses: true, usable: true },
} as const satisfies Record<string, CpuModel>);

/** The name of a CPU. */
export type Ppc64Cpu = keyof typeof CPU_MODELS;
