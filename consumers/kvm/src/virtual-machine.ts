import {
  type Access,
  type ArchBackend,
  type Cpu,
  type CpuDriver,
  type CpuRun,
  type DeviceAccess,
  type GuestDebug,
  Hardware,
  type HardwareHost,
  type HostedRun,
  type Machine,
  type QuirkSet,
  type SoftwareBreakpoints,
  type Task,
} from '@hwbp/core';
import { GuestDebugger } from './debugger/guest-debugger.js';
import type { Outside } from './debugger/outside.js';
import { GuestMemory } from './guest-memory.js';
import { Vcpu } from './vcpu.js';
import type { VmHost } from './vm-host.js';
import type { VmOptions } from './vm-options.js';
import { vcpuProgram } from './vmm.js';

/** What a virtual machine is made from. */
export interface VmParts {
  readonly name: string;
  readonly machine: Machine;
  readonly drivers: readonly CpuDriver[];
  readonly facet: GuestDebug;
  readonly backend: ArchBackend;
  readonly quirks: QuirkSet;
  readonly options: VmOptions;
  path(step: string): readonly bigint[];
  /** It has ended. */
  readonly ended: () => void;
}

/**
 * A computer inside a kernel: compose another kernel on its {@link hardware}. Its CPUs run as tasks of the host, its
 * memory is the host's pages, its time the host's clock.
 */
export class VirtualMachine implements VmHost, HardwareHost, Disposable {
  readonly name: string;
  readonly machine: Machine;
  readonly hardware: Hardware;
  readonly memory: GuestMemory;
  readonly vcpus: readonly Vcpu[];
  /** The host's tasks that run the virtual CPUs; none if somebody else does. */
  readonly tasks: readonly Task[];
  /** For whoever debugs its guest from outside. */
  readonly debugger: GuestDebugger;
  readonly #parts: VmParts;
  #allowance = Number.POSITIVE_INFINITY;
  #driven = false;
  #result: CpuRun | undefined;
  #idle: CpuRun['reason'] = 'idle';
  #ended = false;

  /** Use `kvm.createVm`. */
  constructor(parts: VmParts) {
    const { name, machine, facet, options } = parts;
    const { cpus = 1, memory, affinity, start = true } = options;
    this.#parts = parts;
    this.name = name;
    this.machine = machine;
    this.memory = new GuestMemory(machine.physical, memory);
    this.vcpus = Array.from({ length: cpus }, (_, index) => new Vcpu(index, this, facet));
    const vcpu = (index: number): Vcpu => this.vcpus[index] as Vcpu;
    this.hardware = new Hardware({
      cpus,
      pageSize: machine.physical.pageSize,
      byteOrder: machine.physical.byteOrder,
      roles: machine.cpu(0).roles,
      createUnit: (index) => vcpu(index).debug.unit,
      createClock: (index) => vcpu(index).clock,
      virtual: { memory: this.memory, host: this, hypervisor: vcpu },
    });
    for (const one of this.vcpus) one.attach(this.hardware.cpu(one.index));
    const { backend, quirks } = parts;
    this.debugger = new GuestDebugger({
      name,
      machine,
      backend,
      quirks,
      vcpus: this.vcpus,
      planted: this.hardware.planted,
      isOver: () => this.ended || (start && this.tasks.every(({ alive }) => !alive)),
    });
    this.tasks = start ? this.vcpus.map((one) => this.#spawn(one, affinity)) : [];
  }

  /** True once it has ended, or its host has lost its hardware. */
  get ended(): boolean {
    return this.#ended || this.machine.ended;
  }

  /**
   * Switches it off: its tasks end, and its host's registers are the host's. What its kernel does is nobody's business.
   */
  [Symbol.dispose](): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const vcpu of this.vcpus) vcpu.leave();
    for (const task of this.tasks) if (task.alive) this.machine.exit(task);
    this.memory.giveBack();
    this.#parts.ended();
  }

  // --- what its kernel asks ---

  /** See `machine.run` of its kernel: the host runs until the budget is used up by the virtual CPUs. */
  run(budget: number): HostedRun {
    const before = this.hardware.retired;
    const outer = { allowance: this.#allowance, driven: this.#driven };
    this.#allowance = budget;
    this.#driven = true;
    this.#result = undefined;
    try {
      const result = budget > 0 ? this.#drive() : ({ reason: 'budget' } as const);
      return { ...result, instructions: this.hardware.retired - before };
    } finally {
      this.#allowance = outer.allowance;
      this.#driven = outer.driven;
    }
  }

  // --- what its virtual CPUs ask ---

  get firstCpu(): Cpu {
    return this.machine.onlineCpus[0] as Cpu;
  }

  get outside(): Outside {
    return this.debugger;
  }

  get planted(): SoftwareBreakpoints {
    return this.hardware.planted;
  }

  driver({ index }: Cpu): CpuDriver {
    return this.#parts.drivers[index] as CpuDriver;
  }

  decode(pc: bigint): 'breakpoint' | undefined {
    return this.#parts.options.decode?.(pc);
  }

  path(step: string): readonly bigint[] {
    return this.#parts.path(step);
  }

  hasPort({ address }: Access): boolean {
    return this.hardware.bus.has(Number(address));
  }

  port({ address, size, kind, value = 0n }: DeviceAccess): bigint {
    const { bus } = this.hardware;
    if (kind === 'read') return bus.readPort(Number(address), size);
    bus.writePort(Number(address), size, value);
    return 0n;
  }

  get allowance(): number {
    return this.#allowance;
  }

  use(used: number): void {
    this.#allowance -= used;
    if (this.#allowance <= 0 && this.#driven) this.#end({ reason: 'budget', used });
  }

  came(result: CpuRun): void {
    const { reason, message = reason } = result;
    if (reason === 'stopped' || reason === 'suspended') {
      if (this.#driven) this.#end(result);
      // The guest's own debugger has stopped it, and lets it go on: that is no stop of the host.
      else if (result.held !== true) this.machine.stop(`${this.name}: ${message}`, result.detail);
      return;
    }
    this.#idle = reason;
    if (this.#driven && this.vcpus.every(({ asleep }) => asleep)) this.#end(result);
  }

  // --- private ---

  #drive(): Omit<HostedRun, 'instructions'> {
    const host = this.machine.run();
    const result = this.#result;
    if (result !== undefined) {
      const { used: _, ...rest } = result;
      return rest;
    }
    // The host has nothing to execute, or somebody stopped it.
    const { reason, message, detail } = host;
    if (reason === 'idle' || reason === 'starved') return { reason: this.#idle };
    return { reason, ...(message === undefined ? {} : { message }), ...(detail === undefined ? {} : { detail }) };
  }

  #end(result: CpuRun): void {
    this.#result ??= result;
    this.machine.stop(`${this.name} comes back`);
  }

  #spawn(vcpu: Vcpu, affinity: readonly number[] | undefined): Task {
    return this.machine.spawn(vcpuProgram(vcpu, this.#parts.options.exit), {
      comm: `${this.name}/${vcpu.index}`,
      ...(affinity === undefined ? {} : { affinity }),
    });
  }
}
