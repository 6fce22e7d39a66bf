import type { ArchManifest, ArchPort, CpuDriver, Occupant, SuspendRequest } from '../arch/index.js';
import { coreError, type KernelError } from '../errors/index.js';
import { hex } from '../hardware/index.js';
import type { DieRecord, Logger, Machine, Notifier } from '../kernel/index.js';
import { type Breakpoint, excluded, Hit } from './breakpoint.js';
import type { SlotPolicy } from './slot-policy.js';

/** Decides what an error that a handler threw does to the run, after it was logged. No breakpoint: the handler of another event. */
export type HandlerErrorPolicy = (error: unknown, breakpoint: Breakpoint | undefined) => 'continue' | 'stop';

/** The first in the die chain, as Linux's breakpoint notifier is. */
export const BREAKPOINT_NOTIFIER_PRIORITY = 0x7fffffff;

/** What the PMU works with. */
export interface BreakpointPmuOptions {
  readonly machine: Machine;
  readonly manifest: ArchManifest;
  /** By CPU number. */
  readonly drivers: readonly CpuDriver[];
  readonly logger: Logger;
  readonly handlerError: HandlerErrorPolicy;
}

/**
 * The breakpoint PMU: puts breakpoints into the debug registers of CPUs and takes them out, where the scheduler says so and
 * the slot policy finds them a register; and brings hits to their handlers. It knows neither schedules nor consumers.
 */
export class BreakpointPmu {
  readonly manifest: ArchManifest;
  readonly #options: BreakpointPmuOptions;
  readonly #drivers: readonly CpuDriver[];
  readonly #policy: SlotPolicy;
  readonly #leave: () => void;
  #disarmed = false;

  constructor(options: BreakpointPmuOptions, policy: SlotPolicy, port: ArchPort) {
    this.manifest = options.manifest;
    this.#options = options;
    this.#drivers = options.drivers;
    this.#policy = policy;
    const deliver = (occupant: Occupant, record: DieRecord) => this.#deliver(occupant as Breakpoint, record);
    const notifier: Notifier = (record) => port.notify(record, deliver);
    this.#leave = options.machine.dieChain.register(notifier, BREAKPOINT_NOTIFIER_PRIORITY);
  }

  /** Leaves the die chain. */
  dispose(): void {
    this.#leave();
  }

  /** The driver of a CPU. */
  driver(cpu: number): CpuDriver {
    return this.#drivers[cpu] as CpuDriver;
  }

  /** Puts an inactive breakpoint into a register of a CPU. Throws EBUSY if none is free, which a sound policy prevents. */
  add(breakpoint: Breakpoint, cpu: number): void {
    if (!this.tryAdd(breakpoint, cpu)) throw this.#noRegister(breakpoint, cpu);
  }

  /** The same for one that may take turns. False: no register is free. */
  tryAdd(breakpoint: Breakpoint, cpu: number): boolean {
    const driver = this.driver(cpu);
    const register = this.#policy.place(breakpoint, driver.occupants);
    if (register < 0 || driver.occupants[register] !== undefined) return false;
    driver.install(register, breakpoint);
    if (this.#disarmed) driver.disable();
    breakpoint.onCpu = cpu;
    breakpoint.register = register;
    breakpoint.state = 'active';
    return true;
  }

  /** Takes an active breakpoint out of its register. */
  remove(breakpoint: Breakpoint): void {
    const driver = this.driver(breakpoint.onCpu);
    driver.uninstall(breakpoint.register);
    if (this.#disarmed) driver.disable();
    breakpoint.onCpu = -1;
    breakpoint.register = -1;
    breakpoint.state = 'inactive';
  }

  /** Disarms the hardware of every online CPU; what is added and removed from now on changes only the software copies. */
  disarm(): void {
    this.#disarmed = true;
    for (const { index } of this.#options.machine.onlineCpus) this.driver(index).disable();
  }

  /** Writes the software copy of every online CPU to its hardware. */
  rearm(): void {
    this.#disarmed = false;
    for (const { index } of this.#options.machine.onlineCpus) this.driver(index).restore();
  }

  /** Several changes follow on a CPU, up to {@link enable}: they may reach the hardware together. */
  disable(cpu: number): void {
    this.driver(cpu).hold();
  }

  /** What was changed since {@link disable} is in the hardware when this returns. */
  enable(cpu: number): void {
    const driver = this.driver(cpu);
    driver.release();
    if (this.#disarmed) driver.disable();
  }

  #noRegister({ owner, address }: Breakpoint, cpu: number): KernelError {
    const policy = this.#policy.name;
    const message = `CPU ${cpu} has no free debug register for ${owner} at ${hex(address)}`;
    this.#options.logger.log('warn', message);
    return coreError(
      'HWBP_INSTALL_BUSY',
      `${message} although the policy '${policy}' granted one: look at its accounting`,
      {
        cpu,
        policy,
      },
    );
  }

  /** A breakpoint that another handler of the same exception has disabled or unregistered is not called any more. */
  #deliver(breakpoint: Breakpoint, record: DieRecord): SuspendRequest | undefined {
    if (breakpoint.state !== 'active' || excluded(breakpoint.attr, record)) return undefined;
    const hit = new Hit(breakpoint, record);
    try {
      breakpoint.sink.hit(hit);
    } catch (error) {
      this.handlerThrew(error, breakpoint, `${breakpoint.owner}'s breakpoint at ${hex(breakpoint.address)}`);
    }
    return hit.suspension;
  }

  /** The kernel's error channel: logs what a handler threw, and stops the run if the composition says so. `name`: whose handler. */
  handlerThrew(error: unknown, breakpoint: Breakpoint | undefined, name: string): void {
    const { logger, handlerError, machine } = this.#options;
    logger.log('error', `the handler of ${name} threw: ${String(error)}`);
    if (handlerError(error, breakpoint) === 'stop') machine.stop(`the handler of ${name} threw`, error);
  }
}
