import {
  ADDRESS,
  type ArchManifest,
  type Cpu,
  checkOptions,
  type HwBreakpointAttr,
  kind,
  type Machine,
  type RunResult,
} from '@hwbp/core';
import { kvmError } from '../errors.js';
import { type GuestPoint, GuestPoints, type Passed, type PointParts } from './guest-points.js';
import type { GuestDebuggerOwner, GuestResume, GuestStop } from './guest-stop.js';
import type { DebuggedVcpu, Outside } from './outside.js';

/** What a guest's debugger is made of. */
export interface GuestDebuggerParts extends PointParts {
  /** The virtual machine's name. */
  readonly name: string;
  /** The host's. */
  readonly machine: Machine;
  readonly vcpus: readonly DebuggedVcpu[];
  /** True once the virtual machine has come to its end. */
  isOver(): boolean;
}

/**
 * A guest, as somebody sees it who debugs it from outside: through KVM_SET_GUEST_DEBUG and nothing else. The guest's
 * debug registers read as before, its time stands still while it is stopped, and its own breakpoints are back once the
 * debugger has none in a register.
 *
 * One debugger at a time. It stops all virtual CPUs at once; the host goes on.
 */
export class GuestDebugger implements Outside {
  readonly name: string;
  readonly #parts: GuestDebuggerParts;
  readonly #points: GuestPoints;
  #owner: GuestDebuggerOwner | undefined;
  #halted = false;
  #step: DebuggedVcpu | undefined;
  /** Instructions that it had executed before. */
  #steppedFrom = 0;
  /** Where a software breakpoint, or one of a register, is out of the way of the step. */
  #passed: Passed | undefined;
  /** The step is ours, to get past a breakpoint: what comes then. */
  #then: GuestResume | undefined;
  /** Where a virtual CPU stands as its debugger has seen: what stops it there does not do so again. */
  #seen: (Passed & { readonly vcpu: DebuggedVcpu }) | undefined;

  /** Use `vm.debugger`. */
  constructor(parts: GuestDebuggerParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#points = new GuestPoints(parts);
  }

  /** The virtual CPUs: their registers and memory are there to be read and written while they are {@link halted}. */
  get cpus(): readonly Cpu[] {
    return this.#parts.vcpus.map(({ cpu }) => cpu);
  }

  /** What debug registers there are. */
  get manifest(): ArchManifest {
    return this.#parts.backend.manifest;
  }

  /** Name of whoever debugs the guest; `undefined`: nobody does. */
  get owner(): string | undefined {
    return this.#owner?.name;
  }

  get present(): boolean {
    return this.#owner !== undefined;
  }

  /** True while the debugger has the guest. */
  get halted(): boolean {
    return this.#halted;
  }

  /** True once the guest has come to its end. */
  get over(): boolean {
    return this.#parts.isOver();
  }

  /** True if a virtual CPU waits for an interrupt. */
  isAsleep(cpu: number): boolean {
    return this.#parts.vcpus[cpu]?.asleep === true;
  }

  /** The debugger's points, by register. */
  get points(): readonly (GuestPoint | undefined)[] {
    return this.#points.registers;
  }

  /** Takes the guest: it stops. Throws EBUSY while somebody else has it, ENODEV once it has come to its end. */
  attach(owner: GuestDebuggerOwner): void {
    if (this.#owner !== undefined) {
      const message = `${this.#owner.name} debugs the guest '${this.name}' already; let it detach first`;
      throw kvmError('KVM_DEBUGGED', message, { holders: [this.#owner.name] });
    }
    if (this.over) throw kvmError('KVM_ENDED', `the virtual machine '${this.name}' has come to its end`);
    this.#owner = owner;
    this.halt();
  }

  /** Lets go: everything is given back, and the guest goes on. */
  detach(): void {
    if (this.#owner === undefined) return;
    this.#owner = undefined;
    this.#halted = false;
    this.#points.pass(undefined);
    this.#points.clear();
    this.#endStep();
    this.#seen = undefined;
    for (const vcpu of this.#parts.vcpus) {
      vcpu.leave();
      vcpu.debug.debug(vcpu.cpu, undefined);
      vcpu.release();
    }
  }

  /** Stops the guest where it is. Throws ESRCH, like whatever follows, if nobody has attached. */
  halt(): void {
    this.#requireOwner();
    this.#halted = true;
    for (const vcpu of this.#parts.vcpus) vcpu.hold();
    this.#points.pass(undefined);
    const stepped = this.#step;
    this.#endStep();
    if (stepped !== undefined) this.#apply(stepped);
  }

  /**
   * Takes a debug register for a point, on every virtual CPU. In force from the next resumption on. Throws what the
   * architecture refuses, and ENOSPC.
   */
  claim(attr: HwBreakpointAttr): GuestPoint {
    this.#requireOwner();
    return this.#points.claim(attr);
  }

  /** Gives a register back. */
  release(point: GuestPoint): void {
    this.#points.release(point);
  }

  /** Plants a software breakpoint. */
  plant(address: bigint): void {
    this.#requireOwner();
    checkOptions('plant', { address }, { address: ADDRESS });
    this.#points.plant(address);
  }

  /** Takes a software breakpoint away. */
  lift(address: bigint): void {
    this.#points.lift(address);
  }

  /**
   * Lets the guest go on. A breakpoint where the debugger has seen a virtual CPU stand does not stop it there again:
   * KVM would hit it at each entry, so that the instruction is stepped without it.
   */
  resume(how: GuestResume = {}): void {
    this.#requireOwner();
    this.#checkResume(how);
    const seen = this.#seen;
    this.#seen = undefined;
    this.#halted = false;
    const { step } = how;
    const hits = this.#points.repeated(seen?.hits ?? []);
    const isThere = seen !== undefined && seen.vcpu.cpu.context.pc === seen.pc;
    if (isThere && isAmong(how, seen.vcpu) && (hits.length > 0 || this.#points.stopsAt(seen.pc))) {
      this.#points.pass(seen.pc);
      this.#then = step === seen.vcpu.index ? undefined : how;
      this.#begin(seen.vcpu, { pc: seen.pc, hits });
      this.#release({ cpus: [seen.vcpu.index] });
      return;
    }
    const vcpu = step === undefined ? undefined : this.#parts.vcpus[step];
    if (vcpu !== undefined) this.#begin(vcpu, undefined);
    this.#release(how);
  }

  /** Lets the host execute: see `machine.run`. */
  run(budget: number): RunResult {
    return this.#parts.machine.run(budget);
  }

  /** Makes {@link run} return. */
  interrupt(message: string): void {
    this.#parts.machine.stop(message);
  }

  // --- what virtual CPUs tell ---

  takes(pc: bigint): boolean {
    return !this.present || this.#points.isPlanted(pc);
  }

  entering(vcpu: DebuggedVcpu): void {
    if (vcpu !== this.#step) return;
    // KVM itself may have written the flags back, or the guest's kernel has switched.
    if (vcpu.cpu.instructions === this.#steppedFrom) this.#apply(vcpu);
    else this.#stepped(vcpu);
  }

  ran(vcpu: DebuggedVcpu): void {
    if (vcpu !== this.#step || vcpu.exit !== undefined || vcpu.cpu.instructions === this.#steppedFrom) return;
    // Whatever executed had not the flag: the guest's kernel has switched. The step is over all the same.
    if (!vcpu.cpu.context.singleStep) this.#stepped(vcpu);
  }

  exited(vcpu: DebuggedVcpu): void {
    const { exit } = vcpu;
    if (!this.present || this.#halted || exit === undefined) return;
    if (exit.reason === 'hlt' && vcpu === this.#step) this.#stepped(vcpu);
    if (exit.reason !== 'debug') return;
    const hits = exit.hits.map((register) => this.#points.registers[register]).filter((point) => point !== undefined);
    if (exit.cause === 'software') this.#stop({ cpu: vcpu.index, cause: 'breakpoint', hits: [], exit });
    else if (hits.length > 0) this.#stop({ cpu: vcpu.index, cause: 'hit', hits, exit });
    else if (vcpu === this.#step) this.#stepped(vcpu);
  }

  // --- private ---

  #requireOwner(): void {
    if (this.#owner !== undefined) return;
    throw kvmError('KVM_NOT_DEBUGGED', `nobody debugs the guest '${this.name}'; attach to it first`);
  }

  #checkResume(how: GuestResume): void {
    const is = (value: unknown): boolean => this.#parts.vcpus[value as number] !== undefined;
    const last = this.#parts.vcpus.length - 1;
    checkOptions('resume', how, {
      step: kind(`the number of a virtual CPU, 0 to ${last}`, is),
      cpus: kind(`a list of virtual CPUs, 0 to ${last}`, (list) => Array.isArray(list) && list.every(is)),
    });
  }

  #begin(vcpu: DebuggedVcpu, passed: Passed | undefined): void {
    this.#step = vcpu;
    this.#passed = passed;
    this.#steppedFrom = vcpu.cpu.instructions;
    vcpu.pace = 1;
  }

  #endStep(): void {
    if (this.#step !== undefined) this.#step.pace = Number.POSITIVE_INFINITY;
    this.#step = undefined;
    this.#passed = undefined;
    this.#then = undefined;
  }

  #stepped(vcpu: DebuggedVcpu): void {
    const then = this.#then;
    if (then === undefined) {
      const { exit } = vcpu;
      this.#stop({ cpu: vcpu.index, cause: 'step', hits: [], exit: exit?.reason === 'debug' ? exit : undefined });
      return;
    }
    // It is past the breakpoint: what the debugger has asked for begins.
    this.halt();
    this.resume(then);
  }

  #stop(stop: GuestStop): void {
    this.halt();
    const vcpu = this.#parts.vcpus[stop.cpu] as DebuggedVcpu;
    this.#seen = { vcpu, pc: vcpu.cpu.context.pc, hits: stop.hits };
    this.#owner?.stopped(stop);
  }

  #release(how: GuestResume): void {
    for (const vcpu of this.#parts.vcpus) {
      this.#apply(vcpu);
      if (isAmong(how, vcpu)) vcpu.release();
    }
  }

  /** KVM_SET_GUEST_DEBUG. The guest's own breakpoints stay where the debugger has none, and does not step. */
  #apply(vcpu: DebuggedVcpu): void {
    vcpu.leave();
    const step = vcpu === this.#step;
    const own = !step && !this.#points.armed;
    const breakpoints = own ? undefined : this.#points.load(step ? this.#passed : undefined);
    vcpu.debug.debug(vcpu.cpu, { step, software: true, breakpoints });
  }
}

function isAmong({ cpus }: GuestResume, { index }: DebuggedVcpu): boolean {
  return cpus?.includes(index) !== false;
}
