import type { CpuDriver } from '../arch/index.js';
import { coreError, type KernelError } from '../errors/index.js';
import { hex } from '../hardware/index.js';
import type { ErrorChannel, Logger } from '../kernel/index.js';
import type { BreakpointRecord } from './breakpoint-record.js';
import { createRegisterHooks, type RegisterHooks } from './register-hooks.js';
import type { SlotPolicy } from './slot-policy.js';

/** The debug registers of every CPU: puts breakpoints in, where the slot policy says, and takes them out. */
export class RegisterFile {
  /** Who follows what happens here. */
  readonly hooks: RegisterHooks;
  /** Of these, what every context switch asks for. */
  readonly #installed: RegisterHooks['installed'];
  readonly #uninstalled: RegisterHooks['uninstalled'];
  readonly #drivers: readonly CpuDriver[];
  readonly #policy: SlotPolicy;
  readonly #logger: Logger;

  /** `drivers`: by CPU number. `errors`: gets what hooks throw. */
  constructor(drivers: readonly CpuDriver[], policy: SlotPolicy, logger: Logger, errors: Pick<ErrorChannel, 'report'>) {
    this.hooks = createRegisterHooks((error, what) => errors.report(error, what));
    this.#installed = this.hooks.installed;
    this.#uninstalled = this.hooks.uninstalled;
    this.#drivers = drivers;
    this.#policy = policy;
    this.#logger = logger;
  }

  /** The driver of a CPU. */
  driver(cpu: number): CpuDriver {
    return this.#drivers[cpu] as CpuDriver;
  }

  /**
   * Puts an inactive breakpoint into a register of a CPU. Throws EBUSY if none is free, which a sound policy prevents.
   */
  install(record: BreakpointRecord, cpu: number): void {
    if (!this.tryInstall(record, cpu)) throw this.#noRegister(record, cpu);
  }

  /** The same for one that may take turns. False: no register is free. */
  tryInstall(record: BreakpointRecord, cpu: number): boolean {
    const driver = this.driver(cpu);
    const register = this.#policy.place(record, driver.occupants);
    if (register < 0 || driver.occupants[register] !== undefined) return false;
    this.#put(record, cpu, register);
    return true;
  }

  /**
   * Puts an inactive breakpoint where it was before. Throws EINVAL for a register that there is not, or that is taken.
   */
  installAt(record: BreakpointRecord, cpu: number, register: number): void {
    const occupants = this.#drivers[cpu]?.occupants ?? [];
    if (register < 0 || register >= occupants.length || occupants[register] !== undefined) {
      const message = `register ${register} of CPU ${cpu} is not free for ${record.owner} at ${hex(record.address)}`;
      throw coreError('IMAGE_INVALID', message, { cpu, register });
    }
    this.#put(record, cpu, register);
  }

  #put(record: BreakpointRecord, cpu: number, register: number): void {
    this.driver(cpu).install(register, record);
    record.onCpu = cpu;
    record.register = register;
    record.state = 'active';
    if (this.#installed.size > 0) this.#installed.call(record);
  }

  /** Takes an active breakpoint out of its register. */
  uninstall(record: BreakpointRecord): void {
    this.driver(record.onCpu).uninstall(record.register);
    if (this.#uninstalled.size > 0) this.#uninstalled.call(record, record.leaves, record.leavesFor);
    record.onCpu = -1;
    record.register = -1;
    record.state = 'inactive';
  }

  #noRegister({ owner, address }: BreakpointRecord, cpu: number): KernelError {
    const policy = this.#policy.name;
    const message = `CPU ${cpu} has no free debug register for ${owner} at ${hex(address)}`;
    this.#logger.log('warn', message);
    const hint = `although the policy '${policy}' granted one: look at its accounting`;
    return coreError('HWBP_INSTALL_BUSY', `${message} ${hint}`, { cpu, policy });
  }
}
