import type { Cpu, DebugException, DebugUnit, Trap, VirtualTrap } from '../hardware/index.js';
import type { DebugExit, GuestDebugState, Interception, OutsideDebugging } from './guest-debug.js';

/** What a guest finds in place of a debug unit, as its hypervisor drives it. */
export interface GuestUnit extends DebugUnit {
  /** It is on a physical CPU. */
  readonly loaded: boolean;
  /** The hypervisor does the instruction that executes. */
  complete(): void;
}

/** Who decides for such a unit. */
export interface GuestUnitKeeper {
  /** Somebody steps the guest from outside. */
  readonly steps: boolean;
  /** An instruction that the hypervisor does has come to its end; `step`: a step of the guest's own ends with it. */
  completed(step: boolean): void;
}

/** An instruction that touched nothing of what the debugger asked for completes with its registers disarmed. */
const STEPPED_OVER = Object.freeze({ name: 'beside what is watched' });
const NO_REGISTERS: DebugExit['registers'] = Object.freeze({});

/**
 * The debug side of a virtual CPU whose own debug exceptions do not leave it, and which the hypervisor steps by means
 * of its own: what the architectures have in common that report before the access. A backend says which of its
 * exceptions are a debugger's.
 */
export abstract class GuestDebugBase<Unit extends GuestUnit> implements GuestDebugState {
  abstract readonly unit: Unit;
  #wanted: OutsideDebugging | undefined;
  #exit: DebugExit | undefined;
  /** The virtual CPU, once something has happened on it. */
  #cpu: Cpu | undefined;
  /** The guest's own step of an instruction that was stepped from outside. */
  #waiting: DebugException | undefined;
  readonly #step: DebugException;

  /** `step`: the exception of the guest's own single steps. */
  constructor(step: DebugException) {
    this.#step = step;
  }

  abstract enter(physical: DebugUnit): void;

  abstract leave(): void;

  /** What somebody outside wants; `undefined`: nobody debugs the guest. */
  protected get wanted(): OutsideDebugging | undefined {
    return this.#wanted;
  }

  /** For the unit: who steps, and what an instruction of the hypervisor's ends. */
  protected get keeper(): GuestUnitKeeper {
    const steps = (): boolean => this.#steps;
    return {
      get steps() {
        return steps();
      },
      completed: (step) => this.#completed(step),
    };
  }

  /** An exception of the debug unit. */
  protected abstract debugged(cpu: Cpu, trap: DebugException): Interception;

  /** What else leaves a guest of this architecture. */
  protected other(_cpu: Cpu, _trap: VirtualTrap): Interception {
    return 'guest';
  }

  /** The debugger's breakpoints take the place of the guest's, or those are back. */
  protected abstract override(breakpoints: OutsideDebugging['breakpoints']): void;

  intercept(cpu: Cpu, trap: VirtualTrap): Interception {
    this.#cpu = cpu;
    switch (trap.kind) {
      case 'debug':
        return this.debugged(cpu, trap);
      case 'completed':
        return trap.completion === STEPPED_OVER ? 'resume' : 'guest';
      case 'software':
        return trap.name === 'breakpoint' && this.#takesBreakpoints ? breakpointExit(cpu) : 'guest';
      case 'operation':
        if (trap.operation === 'breakpoint' && this.#takesBreakpoints) return breakpointExit(cpu);
        trap.done = true;
        return 'guest';
      case 'syscall':
        if (!this.#steps) return 'guest';
        this.#exit = this.stepExit(cpu.context.pc);
        return { inject: trap };
      default:
        return this.other(cpu, trap);
    }
  }

  emulate(cpu: Cpu): void {
    this.#cpu = cpu;
    this.unit.complete();
  }

  advances(): boolean {
    return false;
  }

  inject(): Trap | undefined {
    const trap = this.#waiting;
    this.#waiting = undefined;
    return trap;
  }

  takeExit(): DebugExit | undefined {
    const exit = this.#exit;
    this.#exit = undefined;
    return exit;
  }

  debug(_cpu: Cpu, wanted: OutsideDebugging | undefined): void {
    this.#wanted = wanted;
    this.override(wanted?.breakpoints);
  }

  /** The end of a step from outside. */
  protected stepExit(pc: bigint): DebugExit {
    return { reason: 'debug', cause: 'hardware', pc, hits: [], step: true, registers: NO_REGISTERS };
  }

  /**
   * The debugger's breakpoints of these numbers were hit; none: the instruction goes on with the registers disarmed.
   */
  protected hitExit(cpu: Cpu, hits: readonly number[], registers: DebugExit['registers']): Interception {
    if (hits.length > 0) return { reason: 'debug', cause: 'hardware', pc: cpu.pc, hits, step: false, registers };
    cpu.completeDisarmed(STEPPED_OVER);
    return 'resume';
  }

  get #steps(): boolean {
    return this.#wanted?.step === true;
  }

  get #takesBreakpoints(): boolean {
    return this.#wanted?.software === true;
  }

  #completed(step: boolean): void {
    if (step) this.#waiting = this.#step;
    if (!this.unit.loaded && this.#cpu !== undefined) this.#exit = this.stepExit(this.#cpu.context.pc);
  }
}

function breakpointExit({ pc }: Cpu): DebugExit {
  return { reason: 'debug', cause: 'software', pc, hits: [], step: false, registers: NO_REGISTERS };
}
