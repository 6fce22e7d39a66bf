import { type Hardware, SoftwareBreakpoints } from '../hardware/index.js';
import { NOBODY_RUNS } from './execution-gate.js';
import { type MachineHooks, silence } from './machine-hooks.js';
import type { MachineParts } from './machine-parts.js';

/** The time that a kernel has its computer for: how it lets go of it, and what is planted there meanwhile. */
export class Tenure {
  readonly #hardware: Hardware;
  readonly #hooks: MachineHooks;
  readonly #parts: MachineParts;
  #planted: SoftwareBreakpoints;

  constructor(hardware: Hardware, hooks: MachineHooks, parts: MachineParts) {
    this.#hardware = hardware;
    this.#hooks = hooks;
    this.#parts = parts;
    this.#planted = hardware.planted;
  }

  /** The software breakpoints of the computer; none once it is somebody else's. */
  get planted(): SoftwareBreakpoints {
    return this.#planted;
  }

  /** Nothing of the kernel ticks or executes any more, and no hook of it is called. */
  letGo(): void {
    const { scheduler, hotplug, gates, traps } = this.#parts;
    scheduler.dispose();
    hotplug.end();
    gates.add(NOBODY_RUNS);
    silence(this.#hooks);
    traps.letGo(this.#hardware.cpus);
    this.#planted = new SoftwareBreakpoints(() => []);
  }

  /** The same at once, with the computer as it is: nobody is told, and what is armed stays. */
  abandon(): void {
    silence(this.#hooks);
    const { cpus } = this.#hardware;
    for (const cpu of cpus) this.#parts.traps.giveUp(cpu);
    for (const cpu of cpus) cpu.vacate();
    this.letGo();
  }
}
