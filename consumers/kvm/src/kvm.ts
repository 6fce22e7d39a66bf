import {
  type ArchBackend,
  type ArchManifest,
  BACKEND,
  BREAKPOINTS,
  type Breakpoints,
  type Consumer,
  type CpuDriver,
  DRIVERS,
  GUEST_DEBUG,
  type GuestDebug,
  type ImagePart,
  type ImageValue,
  inject,
  injectable,
  MACHINE,
  MANIFEST,
  type Machine,
  notWritable,
  type PluginManifest,
  QUIRKS,
  type QuirkSet,
  type RegisterClaim,
  SYMBOLS,
  type SymbolTable,
} from '@hwbp/core';
import { kvmError } from './errors.js';
import type { Vcpu } from './vcpu.js';
import { VirtualMachine } from './virtual-machine.js';
import { checkVmOptions, type VmOptions } from './vm-options.js';

/** Functions that the kernel is in, in this order, on the way into KVM_RUN; what an exit is for adds some. */
const PATHS: Readonly<Record<string, readonly string[]>> = { call: ['kvm_arch_vcpu_ioctl_run'] };
/** Where they are if the kernel's symbols do not say: behind the beginning of its address space. */
const TEXT = 0x100_0000n;
const GAP = 16n;

/**
 * Virtual machines inside a kernel (Linux: KVM). A virtual CPU runs as a task of the host's; the debug registers of the
 * physical CPU are the guest's from an entry to the next exit, and written only if somebody needs them.
 */
@injectable()
export class Kvm implements Consumer, ImagePart {
  static readonly plugin: PluginManifest = { name: 'kvm' };

  readonly #machine: Machine;
  readonly #drivers: readonly CpuDriver[];
  readonly #breakpoints: Breakpoints;
  readonly #facet: GuestDebug;
  readonly #symbols: SymbolTable;
  readonly #text: bigint;
  readonly #backend: ArchBackend;
  readonly #quirks: QuirkSet;
  readonly #vms = new Map<string, VirtualMachine>();
  readonly #paths = new Map<string, readonly bigint[]>();
  #unlisten: (() => void) | undefined;
  #made = 0;

  /** Compose a kernel with the class; do not call this. */
  constructor(
    @inject(MACHINE) machine: Machine,
    @inject(DRIVERS) drivers: readonly CpuDriver[],
    @inject(BREAKPOINTS) breakpoints: Breakpoints,
    @inject(GUEST_DEBUG) facet: GuestDebug,
    @inject(SYMBOLS) symbols: SymbolTable,
    @inject(MANIFEST) manifest: ArchManifest,
    @inject(BACKEND) backend: ArchBackend,
    @inject(QUIRKS) quirks: QuirkSet,
  ) {
    this.#backend = backend;
    this.#quirks = quirks;
    this.#machine = machine;
    this.#drivers = drivers;
    this.#breakpoints = breakpoints;
    this.#facet = facet;
    this.#symbols = symbols;
    this.#text = manifest.kernelStart + TEXT;
  }

  start(): void {
    if (this.#unlisten !== undefined) return;
    const { exit, exec, offline } = this.#machine.hooks;
    const hooks = [
      this.#breakpoints.debugger.listen((claim) => this.#claimed(claim)),
      // What would have woken a virtual CPU there never comes: it goes on elsewhere.
      offline.add((cpu) => this.#each((vcpu) => vcpu.displace(cpu))),
      exit.add((task) => this.#each((vcpu) => vcpu.abandon(task))),
      exec.add((task) => this.#each((vcpu) => vcpu.abandon(task))),
      this.#machine.hibernation.parts.register('kvm', this),
    ];
    this.#unlisten = () => {
      for (const unhook of hooks) unhook();
    };
  }

  /** A virtual machine's hardware is more than its host's memory: none can be written down. */
  save(): ImageValue {
    const [name] = this.#vms.keys();
    if (name !== undefined) throw notWritable(`there is the virtual machine '${name}': end it first`);
    return null;
  }

  restore(): void {}

  /** Ends every virtual machine. */
  stop(): void {
    for (const vm of this.#vms.values()) vm[Symbol.dispose]();
    this.#unlisten?.();
    this.#unlisten = undefined;
  }

  /** The virtual machines by name. */
  get vms(): ReadonlyMap<string, VirtualMachine> {
    return this.#vms;
  }

  /** Makes a virtual machine. Throws EBUSY for a name that is taken, ENODEV once the consumer was stopped. */
  createVm(options: VmOptions = {}): VirtualMachine {
    checkVmOptions(options);
    if (this.#unlisten === undefined) throw kvmError('KVM_ENDED', 'KVM was stopped with its kernel; compose a new one');
    const name = options.name ?? `vm${this.#made++}`;
    if (this.#vms.has(name)) {
      throw kvmError('KVM_NAME_TAKEN', `there is a virtual machine '${name}' already; take another name`, { name });
    }
    const vm = new VirtualMachine({
      name,
      machine: this.#machine,
      drivers: this.#drivers,
      facet: this.#facet,
      backend: this.#backend,
      quirks: this.#quirks,
      options,
      path: (step) => this.#path(step),
      ended: () => this.#vms.delete(name),
    });
    this.#vms.set(name, vm);
    return vm;
  }

  /** Where the kernel executes in a step: at the functions of that name, or somewhere in its text. */
  #path(step: string): readonly bigint[] {
    let path = this.#paths.get(step);
    if (path === undefined) {
      const names = PATHS[step] ?? this.#facet.path(step);
      path = names.map((name, at) => this.#symbols.lookup(name)?.address ?? this.#text + GAP * BigInt(at));
      this.#paths.set(step, path);
    }
    return path;
  }

  #each(action: (vcpu: Vcpu) => void): void {
    for (const { vcpus } of this.#vms.values()) for (const vcpu of vcpus) action(vcpu);
  }

  /** A debugger claims a register of a physical CPU, or gives it back: no guest's may be in its place. */
  #claimed({ cpu }: RegisterClaim): void {
    const physical = this.#machine.cpu(cpu);
    if (physical.busy) physical.attention = true;
    else physical.vacate();
  }
}
