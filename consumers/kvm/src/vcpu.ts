import type {
  Access,
  Cpu,
  Emulation,
  GuestDebug,
  GuestDebugState,
  Hypervisor,
  Interception,
  InterruptedGuest,
  Operation,
  ProgramFactory,
  Task,
  Trap,
  VirtualTrap,
  Visitor,
  WatchFilter,
} from '@hwbp/core';
import { type Accessing, DeviceAccesses } from './device-accesses.js';
import type { VcpuExit } from './exit.js';
import { ExitLog, type VcpuStats } from './exit-log.js';
import { GuestClock, type Retirement } from './guest-clock.js';
import { type KvmRun, kvmRun, type RunOptions } from './kvm-run.js';
import { Runs } from './runs.js';
import { Stay } from './stay.js';
import type { VmHost } from './vm-host.js';

/** What an exit is for, by what happened; anything else is a software breakpoint. */
const EXITS: Readonly<Partial<Record<VirtualTrap['kind'], string>>> = {
  debug: 'db',
  control: 'dr',
  hypercall: 'hcall',
  completed: 'db',
  syscall: 'db',
};

/** What KVM_RUN comes back for, of what is no access. */
const OPERATION_EXITS: Readonly<Record<Operation, VcpuExit | undefined>> = {
  halt: { reason: 'hlt' },
  shutdown: { reason: 'shutdown' },
  identify: undefined,
};

/**
 * One CPU of a virtual machine. It is on a physical CPU from an entry to the next exit: that CPU's debug unit, filter
 * and clock are its own for so long, and the host's registers are muted.
 */
export class Vcpu implements Hypervisor, Visitor, Accessing {
  readonly index: number;
  readonly clock: GuestClock;
  /** Its debug registers, and how somebody debugs its guest from outside. */
  readonly debug: GuestDebugState;
  readonly #host: VmHost;
  #cpu: Cpu | undefined;
  readonly #stay: Stay;
  /** Where it was latest, and what counted its instructions there. */
  #last: Cpu;
  #retirement: Retirement | undefined;
  #inside = false;
  readonly #runs = new Runs();
  #exit: VcpuExit | undefined;
  readonly #devices: DeviceAccesses;
  /** Its entries and exits. */
  readonly log = new ExitLog();
  /** Most instructions of the guest in one slice. @settable */
  pace = Number.POSITIVE_INFINITY;
  /** It was in the guest when it was held: its time goes on when it is there again. */
  #torn = false;

  /** Use `kvm.createVm`. */
  constructor(index: number, host: VmHost, facet: GuestDebug) {
    this.index = index;
    this.#host = host;
    this.#last = host.firstCpu;
    this.clock = new GuestClock(host.firstCpu.clock);
    this.#devices = new DeviceAccesses(this);
    const decode = host.decode.bind(host);
    this.debug = facet.create({ accessed: () => this.leave('dr'), leave: () => this.leave(), decode });
    this.#stay = new Stay({
      visitor: this,
      debug: this.debug,
      facet,
      clock: this.clock,
      machine: host.machine,
      driver: (cpu) => host.driver(cpu),
      follow: (from, to) => {
        host.planted.moved(from, to);
        this.cpu.visitor?.moved(from, to);
      },
    });
  }

  /** The CPU that the guest's kernel has. */
  get cpu(): Cpu {
    return this.#cpu as Cpu;
  }

  /** Set once, by the virtual machine. */
  attach(cpu: Cpu): void {
    this.#cpu = cpu;
  }

  /** Why the latest KVM_RUN came back; `undefined`: none has. */
  get exit(): VcpuExit | undefined {
    return this.#exit;
  }

  /** The physical CPU that it is on. */
  get physical(): Cpu | undefined {
    return this.#stay.physical;
  }

  /** True while it has nothing to execute. */
  get asleep(): boolean {
    return this.#runs.asleep;
  }

  /** True between an entry and the next exit. */
  get entered(): boolean {
    return this.#stay.physical !== undefined;
  }

  get stats(): VcpuStats {
    return this.log.stats;
  }

  /** True while somebody debugs its guest from outside. */
  get debugged(): boolean {
    return this.#host.outside.present;
  }

  /** True while whoever debugs the guest has it: nothing of it executes. */
  get held(): boolean {
    return this.#runs.held;
  }

  /** KVM_RUN: what a system call of the task executes that makes this CPU run, until there is an {@link exit}. */
  run(options: RunOptions = {}): ProgramFactory {
    return kvmRun(this, this.#host, options);
  }

  /** What a load that has left to a device gets at the next run. Default 0. */
  answer(value: bigint): void {
    this.#devices.answer(value);
  }

  // --- what the guest's CPU asks ---

  get present(): boolean {
    const { physical } = this;
    return physical !== undefined && (this.#inside || (this.#exit === undefined && !this.held && !physical.attention));
  }

  kick(): void {
    this.#runs.kick();
  }

  inside<T>(action: () => T): T {
    // Without a host it is on no physical CPU: what its kernel does concerns nobody.
    if (this.entered || this.#host.ended) return action();
    this.#inside = true;
    this.enterOn(this.#last.online ? this.#last : this.#host.firstCpu, undefined);
    try {
      return action();
    } finally {
      this.#inside = false;
      this.leave();
    }
  }

  trap(trap: VirtualTrap): void {
    const { cpu } = this;
    if (trap.kind === 'device') this.#devices.take(trap);
    else if (!this.entered) this.#parked(cpu, trap);
    else if (trap.kind === 'operation' && trap.operation !== 'breakpoint') {
      trap.done = true;
      const exit = OPERATION_EXITS[trap.operation];
      this.debug.emulate(cpu, exit === undefined ? 'skip' : 'halt');
      this.leaveFor(trap.operation, exit);
    } else this.#intercepted(cpu, trap, this.debug.intercept(cpu, trap));
  }

  // --- what the physical CPU asks ---

  /** A physical CPU goes offline: if it sleeps there, the alarm that it waits for is set anew where it wakes up. */
  displace(physical: Cpu): void {
    if (this.#last === physical) this.kick();
  }

  get at(): InterruptedGuest {
    const { mode, pc } = this.cpu.context;
    return { mode, pc };
  }

  get shadowed(): boolean {
    return this.cpu.shadowed;
  }

  /** Its host has something else to do on the physical CPU. */
  leave(name = 'interrupt'): void {
    if (this.entered) this.leaveFor(name, undefined);
  }

  enter(): void {
    this.enterOn(this.#last, this.#retirement);
  }

  moved(from: WatchFilter, to: WatchFilter): void {
    this.#stay.moved(from, to);
  }

  interrupt(): void {
    this.cpu.attention = true;
  }

  // --- what its accesses to devices ask ---

  advances(access: Access): boolean {
    return this.debug.advances(access);
  }

  hasPort(access: Access): boolean {
    return this.#host.hasPort(access);
  }

  port(access: Access): bigint {
    return this.#host.port(access);
  }

  emulate(how: Emulation): void {
    this.debug.emulate(this.cpu, how);
  }

  // --- what KVM_RUN does ---

  /** Enters a physical CPU, whose registers are muted from now on. */
  enterOn(physical: Cpu, retirement: Retirement | undefined): void {
    this.#last = physical;
    this.#retirement = retirement;
    this.#stay.begin(physical, retirement);
    this.log.entered();
    if (!this.held) this.clock.release();
  }

  /** Its guest's debugger has it: it executes nothing until {@link release}, and its time stands still. */
  hold(): void {
    if (this.held) return;
    this.#runs.hold();
    this.#torn = this.entered || this.#exit?.reason === 'debug';
    this.clock.hold();
    if (this.entered) this.cpu.attention = true;
  }

  /** It goes on. */
  release(): void {
    if (!this.held) return;
    this.#runs.release();
    if (!this.#torn) this.clock.release();
  }

  /** A KVM_RUN waits until the virtual CPU is its. */
  await(runner: KvmRun): void {
    this.#runs.await(runner);
  }

  /** A KVM_RUN begins: false if another one goes on, whose end wakes this one; or if the CPU is {@link held}. */
  begin(runner: KvmRun): boolean {
    if (!this.#runs.begin(runner)) return false;
    this.#exit = undefined;
    return true;
  }

  /** It has come to its end. */
  end(): void {
    this.#runs.end();
  }

  /** A task of the host's has ended, or executes something else. */
  abandon(task: Task): void {
    this.#runs.abandon(task);
  }

  /** It comes back for this. */
  exitWith(exit: VcpuExit): void {
    this.#exit = exit;
    this.#host.outside.exited(this);
  }

  /** True if its next instruction completes an access that a device outside has answered. */
  get completes(): boolean {
    return this.#devices.completes;
  }

  /** Delivers what waits for an entry. */
  inject(): void {
    const trap = this.debug.inject(this.cpu);
    if (trap === undefined) return;
    this.cpu.beginRun();
    try {
      this.cpu.traps.trap(this.cpu, trap);
    } finally {
      this.cpu.endRun(0);
    }
  }

  // --- private ---

  /** Leaves the physical CPU; `exit`: KVM_RUN is to come back. */
  leaveFor(name: string, exit: VcpuExit | undefined): void {
    const { physical } = this;
    // Whatever fails on the way out: what it leaves for has happened.
    if (exit !== undefined) this.#exit = exit;
    this.cpu.attention = true;
    this.log.left(name, this.#host.path(name));
    try {
      this.#stay.end();
    } finally {
      if (exit !== undefined) this.#host.outside.exited(this);
    }
    if (this.#inside && physical !== undefined) this.enterOn(physical, this.#retirement);
  }

  #intercepted(cpu: Cpu, trap: VirtualTrap, interception: Interception): void {
    if (interception === 'guest') {
      if (trap.kind !== 'operation') cpu.traps.trap(cpu, trap as Trap);
      return;
    }
    const name = EXITS[trap.kind] ?? 'bp';
    const exits = typeof interception === 'object' && 'reason' in interception;
    if (exits && interception.cause === 'software' && !this.#host.outside.takes(interception.pc)) {
      this.leaveFor(name, undefined);
      if (trap.kind === 'operation') trap.done = true;
      else cpu.traps.trap(cpu, trap as Trap);
      return;
    }
    try {
      this.leaveFor(name, exits ? interception : undefined);
    } finally {
      if (typeof interception === 'object' && 'inject' in interception) cpu.traps.trap(cpu, interception.inject);
    }
  }

  /** Something happens on it while it is on no physical CPU: nobody but the guest is concerned. */
  #parked(cpu: Cpu, trap: VirtualTrap): void {
    if (trap.kind === 'operation') trap.done = true;
    else cpu.traps.trap(cpu, trap as Trap);
  }
}
