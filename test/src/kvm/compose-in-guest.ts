import { type Architecture, composeKernel, HW_BREAKPOINT_W, type Kernel, type KernelOptions } from '@hwbp/core';
import { Kvm } from '@hwbp/kvm';

/** What a guest stands on: hosts, the innermost last, and what their own breakpoints saw of it. */
export interface Hosts {
  readonly hosts: readonly Kernel[];
  /** Hits of the hosts' own breakpoints: there must be none, for no host does anything there. */
  readonly hits: () => number;
}

/** Where every host watches: where contract suites let their tasks store. */
const WATCHED = 0x1000_0000n;

const HOSTS = new WeakMap<Kernel, Hosts>();

/** The hosts of a kernel that {@link composeInGuest} has made. */
export function hostsOf(guest: Kernel): Hosts {
  const hosts = HOSTS.get(guest);
  if (hosts === undefined) throw new TypeError('this kernel is no guest');
  return hosts;
}

/** An object without the fields that are `undefined`. */
function defined<T extends object>(fields: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: NonNullable<T[K]>;
  };
}

/**
 * Composes a kernel as a guest, `depth` deep: each host has KVM, and a breakpoint of its own armed on each of its CPUs.
 * The hosts end with the guest.
 */
export function composeInGuest(depth: number, arch: () => Architecture): (options: KernelOptions) => Kernel {
  return (options) => {
    const { cpus = 1, createUnit, createClock, instructionTime, ...rest } = options;
    const built = defined({ createUnit, createClock, instructionTime });
    const hosts: Kernel[] = [];
    let hits = 0;
    for (let level = 0; level < depth; level++) {
      const below = hosts.at(-1);
      const host = composeKernel({
        arch: arch(),
        strict: true,
        plugins: [Kvm],
        ...(below === undefined ? { cpus, ...built } : { hardware: below.get(Kvm).createVm({ cpus }).hardware }),
      });
      for (const { index } of host.machine.cpus) {
        const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: WATCHED, bp_len: 4 };
        host.breakpoints.registerCpu(attr, () => void hits++, index);
      }
      hosts.push(host);
    }
    const { hardware } = (hosts.at(-1) as Kernel).get(Kvm).createVm({ cpus });
    try {
      const guest = composeKernel({ ...rest, hardware });
      HOSTS.set(guest, { hosts, hits: () => hits });
      const dispose = guest.dispose.bind(guest);
      guest.dispose = () => {
        dispose();
        for (const host of [...hosts].reverse()) host.dispose();
      };
      return guest;
    } catch (error) {
      for (const host of hosts.reverse()) host.dispose();
      throw error;
    }
  };
}
