import type { RunResult, TargetDescription } from '@hwbp/core';
import type { Debuggable } from './debuggable.js';
import { KgdbSession, type SessionOptions } from './session.js';
import type { HardwareDebugger } from './target/hardware-debugger.js';
import { HardwareTarget } from './target/hardware-target.js';

/**
 * A computer that debuggers attach to from outside, such as the guest of a hypervisor: `KgdbServer.listen(new
 * DebuggedHardware(vm.debugger, description), { port })`. Threads are its CPUs; nothing in it takes part.
 */
export class DebuggedHardware implements Debuggable {
  readonly #debugger: HardwareDebugger;
  readonly #description: TargetDescription;
  readonly #owner: string;
  #idle = false;

  /** `description`: of its architecture (`kernel.facet(TARGET_DESCRIPTION)`). `owner`: who debugs it, for others. */
  constructor(hardware: HardwareDebugger, description: TargetDescription, owner = 'gdb') {
    this.#debugger = hardware;
    this.#description = description;
    this.#owner = owner;
  }

  /** Attaches a debugger: the computer stops. Throws EBUSY while somebody else has it. */
  attach({ notice = () => {}, bias, ...options }: SessionOptions): KgdbSession {
    const target = new HardwareTarget(this.#debugger, this.#description, { owner: this.#owner, bias, notice });
    return new KgdbSession(target, { ...options, notice });
  }

  run(budget: number): RunResult {
    const result = this.#debugger.run(budget);
    this.#idle = result.reason === 'idle';
    return result;
  }

  /** True if it has come to its end, or nothing of it and of its host will ever execute again. */
  get over(): boolean {
    return this.#debugger.over || this.#idle;
  }
}
