import type {
  Access,
  Context,
  Cpu,
  CpuDriver,
  DeviceTrap,
  GuestDebug,
  GuestDebugState,
  Hypervisor,
  Interception,
  ProgramFactory,
  Trap,
  VirtualTrap,
  Visitor,
  WatchFilter,
} from '@hwbp/core';
import type { VcpuExit } from './exit.js';
import { GuestClock, type Retirement } from './guest-clock.js';
import { KvmRun, type RunOptions } from './kvm-run.js';
import type { VmHost } from './vm-host.js';

/** An access that a device outside has yet to answer. */
interface OpenAccess {
  readonly context: Context;
  readonly pc: bigint;
  readonly access: Pick<Access, 'kind' | 'address' | 'size' | 'space'>;
}

/** What an exit is for, by what happened; anything else is a software breakpoint. */
const EXITS: Readonly<Partial<Record<VirtualTrap['kind'], string>>> = {
  debug: 'db',
  control: 'dr',
  hypercall: 'hcall',
  completed: 'db',
  syscall: 'db',
};

/** How often a virtual CPU has left, by what for; and how often it has entered. */
export interface VcpuStats {
  readonly entries: number;
  readonly exits: Readonly<Record<string, number>>;
}

/**
 * One CPU of a virtual machine. It is on a physical CPU from an entry to the next exit: that CPU's debug unit, filter
 * and clock are its own for so long, and the host's registers are muted.
 */
export class Vcpu implements Hypervisor, Visitor {
  readonly index: number;
  readonly clock: GuestClock;
  /** Its debug registers, and how somebody debugs its guest from outside. */
  readonly debug: GuestDebugState;
  readonly #host: VmHost;
  readonly #facet: GuestDebug;
  #cpu: Cpu | undefined;
  #physical: Cpu | undefined;
  #driver: CpuDriver | undefined;
  #filter: WatchFilter | undefined;
  /** Where it was latest, and what counted its instructions there. */
  #last: Cpu;
  #retirement: Retirement | undefined;
  #inside = false;
  #runner: KvmRun | undefined;
  #exit: VcpuExit | undefined;
  #open: OpenAccess | undefined;
  #answer = 0n;
  /** Where the host's kernel has yet to execute, for exits. */
  readonly #owed: bigint[] = [];
  readonly #waiting: KvmRun[] = [];
  #completing = false;
  #entries = 0;
  readonly #exits = new Map<string, number>();

  /** Use `kvm.createVm`. */
  constructor(index: number, host: VmHost, facet: GuestDebug) {
    this.index = index;
    this.#host = host;
    this.#facet = facet;
    this.#last = host.firstCpu;
    this.clock = new GuestClock(host.firstCpu.clock);
    this.debug = facet.create({ accessed: (exit) => this.#accessed(exit), decode: (pc) => host.decode(pc) });
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
    return this.#physical;
  }

  /** True while it has nothing to execute. */
  get asleep(): boolean {
    return this.#runner?.state === 'asleep';
  }

  /** True between an entry and the next exit. */
  get entered(): boolean {
    return this.#physical !== undefined;
  }

  get stats(): VcpuStats {
    return { entries: this.#entries, exits: Object.fromEntries(this.#exits) };
  }

  /** KVM_RUN: what a system call of the task executes that makes this CPU run, until there is an {@link exit}. */
  run(options: RunOptions = {}): ProgramFactory {
    return () => new KvmRun(this, this.#host, options);
  }

  /** What a load that has left to a device gets at the next run. Default 0. */
  answer(value: bigint): void {
    this.#answer = value;
  }

  // --- what the guest's CPU asks ---

  get present(): boolean {
    const physical = this.#physical;
    return physical !== undefined && (this.#inside || (this.#exit === undefined && !physical.attention));
  }

  kick(): void {
    this.#runner?.kick();
  }

  inside<T>(action: () => T): T {
    if (this.entered) return action();
    this.#inside = true;
    this.enterOn(this.#last, undefined);
    try {
      return action();
    } finally {
      this.#inside = false;
      this.leave();
    }
  }

  trap(cpu: Cpu, trap: VirtualTrap): void {
    if (trap.kind === 'device') this.#device(cpu, trap);
    else if (!this.entered) this.#parked(cpu, trap);
    else if (trap.kind === 'operation' && trap.operation !== 'breakpoint') {
      trap.done = true;
      const halts = trap.operation === 'halt';
      this.debug.emulate(cpu, halts ? 'halt' : 'skip');
      this.#leaveFor(trap.operation, halts ? { reason: 'hlt' } : undefined);
    } else this.#intercepted(cpu, trap, this.debug.intercept(cpu, trap));
  }

  // --- what the physical CPU asks ---

  get shadowed(): boolean {
    return this.cpu.shadowed;
  }

  /** Its host has something else to do on the physical CPU. */
  leave(): void {
    if (this.entered) this.#leaveFor('interrupt', undefined);
  }

  enter(): void {
    this.enterOn(this.#last, this.#retirement);
  }

  interrupt(): void {
    this.cpu.attention = true;
  }

  // --- what KVM_RUN does ---

  /** Enters a physical CPU, whose registers are muted from now on. */
  enterOn(physical: Cpu, retirement: Retirement | undefined): void {
    physical.vacate();
    const driver = this.#host.driver(physical);
    const { unit } = this.cpu;
    const parked = unit.filter;
    this.#physical = physical;
    this.#last = physical;
    this.#retirement = retirement;
    this.#driver = driver;
    if (!this.#completing) this.#entries++;
    driver.mute();
    this.debug.enter(physical.unit);
    this.#filter = unit.filter;
    this.#host.planted.moved(parked, this.#filter);
    this.clock.enter(physical.clock, retirement);
    physical.visitor = this;
  }

  /** A KVM_RUN begins: false if another one goes on, whose end wakes this one. */
  begin(runner: KvmRun): boolean {
    if (this.#runner?.isAlive === true && this.#runner !== runner) {
      this.#waiting.push(runner);
      return false;
    }
    this.#runner = runner;
    this.#exit = undefined;
    return true;
  }

  /** It has come to its end. */
  end(): void {
    this.#runner = undefined;
    for (const other of this.#waiting.splice(0)) other.kick();
  }

  /** It comes back for this. */
  exitWith(exit: VcpuExit): void {
    this.#exit = exit;
  }

  /** Where the host's kernel has yet to execute, for the latest exits. */
  get owed(): bigint[] {
    return this.#owed;
  }

  /** An instruction is completed: to enter for that, and to leave again, is no entry and no exit. @settable */
  get completing(): boolean {
    return this.#completing;
  }

  set completing(on: boolean) {
    this.#completing = on;
  }

  /** True if its next instruction completes an access that a device outside has answered. */
  get completes(): boolean {
    const open = this.#open;
    if (open !== undefined && open.context === this.cpu.context && open.pc === this.cpu.context.pc) return true;
    this.#open = undefined;
    return false;
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
  #leaveFor(name: string, exit: VcpuExit | undefined): void {
    const { unit } = this.cpu;
    const [physical, driver] = [this.#physical as Cpu, this.#driver as CpuDriver];
    this.debug.leave();
    this.#host.planted.moved(this.#filter as WatchFilter, unit.filter);
    this.clock.enter(physical.clock, undefined);
    physical.visitor = undefined;
    this.#physical = undefined;
    this.#facet.settle(physical.unit, driver.active);
    driver.unmute();
    if (!this.#completing) {
      this.#exits.set(name, (this.#exits.get(name) ?? 0) + 1);
      this.#owed.push(...this.#host.path(name));
    }
    if (exit !== undefined) this.#exit = exit;
    this.cpu.attention = true;
    if (this.#inside) this.enterOn(physical, this.#retirement);
  }

  #accessed(exit: string): void {
    if (this.entered) this.#leaveFor(exit, undefined);
  }

  #intercepted(cpu: Cpu, trap: VirtualTrap, interception: Interception): void {
    if (interception === 'guest') {
      if (trap.kind !== 'operation') cpu.traps.trap(cpu, trap as Trap);
      return;
    }
    const name = EXITS[trap.kind] ?? 'bp';
    const exits = typeof interception === 'object' && 'reason' in interception;
    this.#leaveFor(name, exits ? interception : undefined);
    if (typeof interception === 'object' && 'inject' in interception) cpu.traps.trap(cpu, interception.inject);
  }

  /** Something happens on it while it is on no physical CPU: nobody but the guest is concerned. */
  #parked(cpu: Cpu, trap: VirtualTrap): void {
    if (trap.kind === 'operation') trap.done = true;
    else cpu.traps.trap(cpu, trap as Trap);
  }

  #device(cpu: Cpu, trap: DeviceTrap): void {
    const { access, address } = trap;
    const { kind, size, space, value = 0n } = access;
    const port = space === 'port';
    const open = this.#open;
    if (open !== undefined && open.context === cpu.context && open.pc === cpu.pc && isSame(open.access, access)) {
      this.#open = undefined;
      trap.result = this.#answer;
      this.#answer = 0n;
      if (port || kind === 'read') {
        this.debug.emulate(cpu, port ? 'port' : 'load');
      } else {
        // A device's memory is read first, then written.
        this.debug.emulate(cpu, 'store');
        if (this.entered) this.#leaveFor('mmio', { reason: 'mmio', direction: 'write', address, size, value });
      }
      return;
    }
    if (!this.entered) {
      trap.result = port ? this.#host.port(access) : -1n;
      return;
    }
    if (port && this.#host.hasPort(access)) {
      this.debug.emulate(cpu, 'port');
      trap.result = this.#host.port(access);
      this.#leaveFor('io', undefined);
    } else if (port) {
      const direction = kind === 'read' ? 'in' : 'out';
      if (this.debug.advances(access)) {
        this.debug.emulate(cpu, 'port');
        trap.result = 0n;
      } else this.#open = { context: cpu.context, pc: cpu.pc, access };
      this.#leaveFor('io', { reason: 'io', direction, port: Number(address), size, value });
    } else if (kind === 'write') {
      this.debug.emulate(cpu, 'store');
      trap.result = 0n;
      this.#leaveFor('mmio', { reason: 'mmio', direction: 'write', address, size, value });
    } else {
      this.#open = { context: cpu.context, pc: cpu.pc, access };
      this.#leaveFor('mmio', { reason: 'mmio', direction: 'read', address, size, value: 0n });
    }
  }
}

function isSame(one: OpenAccess['access'], other: OpenAccess['access']): boolean {
  return (
    one.address === other.address && one.size === other.size && one.kind === other.kind && one.space === other.space
  );
}
