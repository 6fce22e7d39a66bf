import {
  type Access,
  type Architecture,
  type ConsumerClass,
  composeKernel,
  type Kernel,
  type KernelOptions,
  type Loaded,
  type Plugin,
  type Task,
} from '@hwbp/core';
import { besideDirectMap } from '../lab/kernel-memory.js';
import { Lab } from '../lab/lab.js';
import { Probe } from '../lab/probe.js';
import type { ContractCase } from '../runner/contract-case.js';
import type { TestFunction } from '../runner/test-function.js';

/** Registers of a device: the first, and how many bytes of them. */
export interface RegisterPlace<T> {
  readonly first: T;
  readonly count: number;
}

/** How a device under test is used: what nobody can see from outside. */
export interface DeviceUse {
  readonly ports?: RegisterPlace<number>;
  readonly physical?: RegisterPlace<bigint>;
  /** Bytes of accesses that its registers take. Default 1, 2 and 4. */
  readonly sizes?: readonly number[];
  /** Registers, by offset, that read the same until somebody writes them: not all do. */
  readonly quiet?: readonly number[];
  /** Its line, and what has it interrupt and let go: by its registers, or from its other end. */
  readonly interrupt?: {
    readonly line: number;
    /** Instructions that it takes until it interrupts, at most. Default 1000. */
    readonly within?: number;
    raise(registers: Registers, kernel: Kernel): void;
    acknowledge(registers: Registers, kernel: Kernel): void;
  };
  /** Changes what an image has to keep; no time is left to pass then. */
  change?(registers: Registers, kernel: Kernel): void;
  /** What there is to see of that. */
  look?(registers: Registers, kernel: Kernel): unknown;
}

/** Registers of a device as the bus has them. */
export interface Registers {
  read(offset: number, size?: number): bigint;
  write(offset: number, value: bigint | number, size?: number): void;
}

/** What the device suite is run with. */
export interface DeviceContractOptions {
  readonly test: TestFunction;
  readonly name: string;
  /** A fresh architecture; called for every case. */
  readonly createArchitecture: () => Architecture;
  /** The device under test, as a plugin. Without it only what every device relies on is shown. */
  readonly createDevice?: () => Plugin | ConsumerClass;
  /** How it is used. */
  readonly use?: DeviceUse;
}

/** A kernel in which a case about devices happens. */
export class DeviceLab extends Lab {
  /** Errors that went to the kernel's error channel. */
  get errors(): readonly string[] {
    return this.log.entries.filter(({ level }) => level === 'error').map(({ message }) => message);
  }

  /** Where the instructions of the suite's kernel threads are. */
  get text(): bigint {
    return besideDirectMap(this.manifest);
  }

  /** A kernel thread that makes accesses, one instruction; and another one that makes none. */
  thread(accesses: readonly Access[], loaded: bigint[] = []): Task {
    const { text } = this;
    return this.task(
      function* () {
        const values: Loaded = yield { pc: text, length: 4, accesses };
        loaded.push(...values);
        yield { pc: text + 4n, length: 4 };
      },
      { mode: 'kernel', affinity: [0] },
    );
  }

  /** What such a thread loads. */
  access(...accesses: readonly Access[]): readonly bigint[] {
    const loaded: bigint[] = [];
    this.thread(accesses, loaded);
    this.machine.run(200);
    return loaded;
  }
}

/** Registers of a device by port, or else by address. */
export function registersOf({ ports, physical }: DeviceUse, { hardware: { bus } }: Kernel): Registers {
  if (ports !== undefined) {
    return {
      read: (offset, size = 1) => bus.readPort(ports.first + offset, size),
      write: (offset, value, size = 1) => bus.writePort(ports.first + offset, size, BigInt(value)),
    };
  }
  const first = physical?.first ?? 0n;
  return {
    read: (offset, size = 4) => bus.readDevice(first + BigInt(offset), size),
    write: (offset, value, size = 4) => bus.writeDevice(first + BigInt(offset), size, BigInt(value)),
  };
}

/** Devices of an architecture's kernels, and one device, under test. */
export class DeviceSubject {
  readonly options: DeviceContractOptions;

  constructor(options: DeviceContractOptions) {
    this.options = options;
  }

  get use(): DeviceUse {
    return this.options.use ?? {};
  }

  composition(plugins: readonly (Plugin | ConsumerClass)[]): KernelOptions {
    return { cpus: 2, strict: true, arch: this.options.createArchitecture(), plugins: [Probe, ...plugins] };
  }

  /** A kernel with devices of the suite's own. */
  lab(...plugins: readonly (Plugin | ConsumerClass)[]): DeviceLab {
    return new DeviceLab(composeKernel, this.composition(plugins));
  }

  /** The device under test. */
  device(): Plugin | ConsumerClass {
    const { createDevice } = this.options;
    if (createDevice === undefined) throw new TypeError('there is no device under test');
    return createDevice();
  }
}

export type DeviceCase = ContractCase<DeviceSubject>;
