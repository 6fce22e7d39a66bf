import { type Access, type Context, type Cpu, checkOptions, type DeviceTrap, type Emulation, kind } from '@hwbp/core';
import type { IoExit, MmioExit } from './exit.js';

/** An access that a device outside has yet to answer. */
interface OpenAccess {
  readonly context: Context;
  readonly pc: bigint;
  readonly access: Pick<Access, 'kind' | 'address' | 'size' | 'space'>;
}

/** The virtual CPU whose accesses these are. */
export interface Accessing {
  readonly cpu: Cpu;
  /** True between an entry and the next exit. */
  readonly entered: boolean;
  /** True if the instruction counts as done when its access leaves. */
  advances(access: Access): boolean;
  /** True if the guest's bus has a device at a port. */
  hasPort(access: Access): boolean;
  /** The guest's bus performs an access to a port: what it read. */
  port(access: Access): bigint;
  /** The hypervisor does the instruction that executes. */
  emulate(how: Emulation): void;
  /** The guest leaves; with an exit, KVM_RUN comes back. */
  leaveFor(name: 'io' | 'mmio', exit: IoExit | MmioExit | undefined): void;
}

const ANSWER = kind('a bigint, such as 0x5an', (value) => typeof value === 'bigint');

/** What a port or an address reads as behind which nobody is. */
const NOBODY = -1n;

/** Accesses of one virtual CPU to ports, and to addresses behind which there is no memory. */
export class DeviceAccesses {
  readonly #vcpu: Accessing;
  #open: OpenAccess | undefined;
  #answer = 0n;

  constructor(vcpu: Accessing) {
    this.#vcpu = vcpu;
  }

  /** What the load that has left gets at the next run. */
  answer(value: bigint): void {
    checkOptions('an exit', { answer: value }, { answer: ANSWER });
    this.#answer = value;
  }

  /**
   * True if the CPU's next instruction completes the access that has left. One that was moved away is not completed.
   */
  get completes(): boolean {
    const open = this.#open;
    const { context } = this.#vcpu.cpu;
    if (open !== undefined && open.context === context && open.pc === context.pc) return true;
    this.#open = undefined;
    return false;
  }

  /** An access is about to be made: answers it, or leaves for the answer. */
  take(trap: DeviceTrap): void {
    if (this.#isOpen(trap.access)) this.#complete(trap);
    else if (!this.#vcpu.entered) trap.result = isPort(trap.access) ? this.#vcpu.port(trap.access) : NOBODY;
    else if (isPort(trap.access)) this.#port(trap);
    else this.#memory(trap);
  }

  #isOpen({ kind, address, size, space }: Access): boolean {
    const { context, pc } = this.#vcpu.cpu;
    const open = this.#open;
    if (open === undefined || open.context !== context || open.pc !== pc) return false;
    const { access } = open;
    return access.address === address && access.size === size && access.kind === kind && access.space === space;
  }

  #complete(trap: DeviceTrap): void {
    const vcpu = this.#vcpu;
    const { access } = trap;
    this.#open = undefined;
    trap.result = this.#answer;
    this.#answer = 0n;
    if (isPort(access)) {
      vcpu.emulate('port');
    } else if (access.kind === 'read') {
      vcpu.emulate('load');
    } else {
      // A device's memory is read first, then written.
      vcpu.emulate('store');
      if (vcpu.entered) vcpu.leaveFor('mmio', mmio('write', trap));
    }
  }

  #port(trap: DeviceTrap): void {
    const vcpu = this.#vcpu;
    const { access, address } = trap;
    if (vcpu.hasPort(access)) {
      vcpu.emulate('port');
      trap.result = vcpu.port(access);
      vcpu.leaveFor('io', undefined);
      return;
    }
    if (vcpu.advances(access)) {
      vcpu.emulate('port');
      trap.result = 0n;
    } else {
      this.#leave(access);
    }
    const { kind, size, value = 0n } = access;
    const direction = kind === 'read' ? 'in' : 'out';
    vcpu.leaveFor('io', { reason: 'io', direction, port: Number(address), size, value });
  }

  #memory(trap: DeviceTrap): void {
    const vcpu = this.#vcpu;
    if (trap.access.kind === 'write') {
      vcpu.emulate('store');
      trap.result = 0n;
      vcpu.leaveFor('mmio', mmio('write', trap));
    } else {
      this.#leave(trap.access);
      vcpu.leaveFor('mmio', mmio('read', trap));
    }
  }

  #leave(access: Access): void {
    const { context, pc } = this.#vcpu.cpu;
    this.#open = { context, pc, access };
  }
}

const isPort = ({ space }: Access): boolean => space === 'port';

function mmio(direction: MmioExit['direction'], { access: { size, value = 0n }, address }: DeviceTrap): MmioExit {
  return { reason: 'mmio', direction, address, size, value: direction === 'write' ? value : 0n };
}
