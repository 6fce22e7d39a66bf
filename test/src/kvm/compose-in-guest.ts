import {
  type Architecture,
  composeKernel,
  type Hardware,
  HW_BREAKPOINT_W,
  type Kernel,
  type KernelOptions,
} from '@hwbp/core';
import { Kvm } from '@hwbp/kvm';

/** Where every host watches: nothing of a host's ever stores there, and tasks of contract suites do. */
const WATCHED = 0x10_0000n;

/** The hosts under a virtual machine's hardware. */
export interface Hosted extends Disposable {
  readonly hardware: Hardware;
  /** From the one on real hardware to the one that has the virtual machine. */
  readonly hosts: readonly Kernel[];
}

/**
 * Composes `depth` hosts, each a guest of the one before, and a virtual machine in the last. Each host has a breakpoint
 * of its own armed on each of its CPUs. Disposing throws if one of these was ever hit.
 */
export function hosted(depth: number, arch: () => Architecture, options: Partial<KernelOptions> = {}): Hosted {
  const { cpus = 1 } = options;
  const hosts: Kernel[] = [];
  const hits: string[] = [];
  let hardware: Hardware | undefined;
  for (let level = 0; level < depth; level++) {
    const built = hardware === undefined ? { ...options, cpus } : { hardware };
    const host = composeKernel({ ...built, arch: arch(), strict: true, plugins: [Kvm] });
    const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: WATCHED, bp_len: 4 };
    for (const { index } of host.machine.cpus) {
      host.breakpoints.registerCpu(attr, ({ ip }) => void hits.push(`host ${level}, CPU ${index}: ${ip}`), index);
    }
    hosts.push(host);
    hardware = host.get(Kvm).createVm({ cpus }).hardware;
  }
  if (hardware === undefined) throw new TypeError('a guest has a host');
  return {
    hardware,
    hosts,
    [Symbol.dispose]() {
      for (const host of [...hosts].reverse()) host.dispose();
      if (hits.length > 0) throw new Error(`a host was told of what its guest did: ${hits.join(', ')}`);
    },
  };
}

/** How {@link hosted} hardware is built. */
function builtBy({ cpus, createUnit, createClock, instructionTime }: KernelOptions): Partial<KernelOptions> {
  return Object.fromEntries(
    Object.entries({ cpus, createUnit, createClock, instructionTime }).filter(([, value]) => value !== undefined),
  );
}

/** The hosts end with a guest, or with the latest of those that have its hardware after it. */
function withHosts(guest: Kernel, below: Hosted): Kernel {
  let isHandedOn = false;
  const dispose = guest.dispose.bind(guest);
  guest.dispose = () => {
    dispose();
    if (!isHandedOn) below[Symbol.dispose]();
  };
  for (const how of ['kexec', 'crash'] as const) {
    const succeed = guest[how].bind(guest);
    guest[how] = (options) => {
      isHandedOn = true;
      try {
        return withHosts(succeed(options), below);
      } catch (error) {
        isHandedOn = false;
        throw error;
      }
    };
  }
  return guest;
}

/** Composes a kernel as a guest, `depth` deep. Its hosts end with it. */
export function composeInGuest(depth: number, arch: () => Architecture): (options: KernelOptions) => Kernel {
  return (options) => {
    const { cpus: _, createUnit: _unit, createClock: _clock, instructionTime: _time, ...rest } = options;
    const below = hosted(depth, arch, builtBy(options));
    try {
      return withHosts(composeKernel({ ...rest, hardware: below.hardware }), below);
    } catch (error) {
      below[Symbol.dispose]();
      throw error;
    }
  };
}
