import {
  type Completed,
  type ControlTrap,
  type Cpu,
  type DebugException,
  type HypercallTrap,
  hex,
  type PageFault,
  type SoftwareTrap,
} from '../hardware/index.js';
import {
  type ArchTrap,
  type DieRecord,
  type FinalVerdict,
  NOTIFY_STOP,
  SI_CODES,
  type SignalInfo,
  type Task,
} from '../kernel/index.js';
import type { ArchHost, ArchPort, HitReport } from './backend.js';
import type { CpuDriver, Unmute } from './cpu-driver.js';

/**
 * Entry code that most architectures share: sorts what comes through the trap door, raises the signals of page faults,
 * and forgets what concerns nobody. A backend overrides what its own does differently, and says whose hits an exception
 * is.
 */
export abstract class PortBase<Driver extends CpuDriver = CpuDriver> implements ArchPort {
  protected readonly host: ArchHost;

  constructor(host: ArchHost) {
    this.host = host;
  }

  trap(cpu: Cpu, trap: ArchTrap): void {
    switch (trap.kind) {
      case 'debug':
        this.debug(cpu, trap);
        break;
      case 'software':
        this.software(cpu, trap);
        break;
      case 'completed':
        this.completed(cpu, trap);
        break;
      case 'fault':
        this.pageFault(cpu, trap);
        break;
      case 'copy':
        this.copyFault(cpu);
        break;
      case 'control':
        this.controlFault(cpu, trap);
        break;
      case 'hypercall':
        this.hypercallFault(cpu, trap);
    }
  }

  /** An exception of the debug unit. */
  protected abstract debug(cpu: Cpu, exception: DebugException): void;

  /** A software breakpoint: asks the die chain. */
  protected software(cpu: Cpu, _trap: SoftwareTrap): void {
    const record: DieRecord = { event: 'breakpoint', cpu, task: this.current(cpu), exception: undefined, status: 0 };
    this.host.dieChain.notify(record, this);
  }

  /** An instruction that the backend had completed disarmed. */
  protected completed(_cpu: Cpu, _trap: Completed): void {}

  /** A signal for user mode; the kernel itself cannot go on. */
  protected pageFault(cpu: Cpu, { address, write }: PageFault): void {
    const task = this.current(cpu);
    if (cpu.context.mode !== 'user') this.oops(cpu, `${write ? 'store to' : 'load from'} ${hex(address)}`);
    else if (task !== undefined) this.host.machine.signalPageFault(task, address);
  }

  /** A page was copied for the access, which goes on. */
  protected copyFault(_cpu: Cpu): void {}

  /**
   * An instruction may not access a control register: an illegal instruction, unless the architecture has another name
   * for it.
   */
  protected controlFault(cpu: Cpu, trap: ControlTrap): void {
    if (cpu.context.mode !== 'user') this.oops(cpu, `access ${trap.access.register} so (${trap.fault})`);
    else this.signal(this.current(cpu), { si_signo: 'SIGILL', si_code: SI_CODES.ILL_ILLOPN, si_addr: cpu.pc });
  }

  /** There is no hypervisor for the call: an illegal instruction, likewise. */
  protected hypercallFault(cpu: Cpu, { request: { number } }: HypercallTrap): void {
    if (cpu.context.mode !== 'user') this.oops(cpu, `make hypercall ${number}`);
    else this.signal(this.current(cpu), { si_signo: 'SIGILL', si_code: SI_CODES.ILL_ILLOPN, si_addr: cpu.pc });
  }

  mute(cpu: Cpu, quiet = true): Unmute {
    return this.driver(cpu).mute(quiet);
  }

  /** The kernel itself has done `what` nobody may: see `machine.oops`. */
  protected oops(cpu: Cpu, what: string): void {
    this.host.machine.oops(cpu, `the kernel may not ${what} at ${hex(cpu.pc)}`);
  }

  /**
   * A step of the instruction that called ends here (Linux: user_single_step_report, unless an architecture has its
   * own).
   */
  systemCallExit(_cpu: Cpu, task: Task, stepped: boolean): void {
    if (stepped) this.signal(task, { si_signo: 'SIGTRAP', si_code: SI_CODES.SI_USER });
  }

  abstract hits(record: DieRecord): HitReport | undefined;

  abstract delivered(record: DieRecord): FinalVerdict;

  finish(record: DieRecord, verdict: FinalVerdict): void {
    if (verdict === NOTIFY_STOP || record.event !== 'breakpoint') return;
    this.signal(record.task, { si_signo: 'SIGTRAP', si_code: SI_CODES.TRAP_BRKPT, si_addr: record.cpu.context.pc });
  }

  /** The driver of a CPU. */
  driver(cpu: Cpu): Driver {
    return this.host.driver(cpu) as Driver;
  }

  protected current(cpu: Cpu): Task | undefined {
    return this.host.machine.current(cpu);
  }

  /** Sends the signal of an exception, if there is somebody to get it. */
  protected signal(task: Task | undefined, info: SignalInfo): void {
    if (task !== undefined) this.host.machine.forceSignal(task, info);
  }
}
