import { FUNCTION, requireKind, TEXT } from '../errors/index.js';
import { type ImageReader, type ImageValue, notWritable } from '../image/index.js';
import {
  type Console,
  type DeviceLine,
  type DeviceLines,
  Disposables,
  Dma,
  type IoMappings,
  type Logger,
  type Machine,
  type Timer,
  type TimerAction,
} from '../kernel/index.js';
import { invalidOption } from './composition-error.js';
import { type DeviceRegisters, GuardedDevice } from './guarded-device.js';
import type { Consumer, Plugin } from './plugin.js';
import type { Services } from './services.js';
import { CONSOLE, DEVICE_LINES, IO_MAPPINGS, LOGGER, MACHINE, SERVICES } from './tokens.js';

/**
 * A device of a kernel, and its driver's ground. Everything that it takes from its host ends with it; what it has
 * besides it gives back in `stop`.
 */
export interface Device {
  stop?(): void;
  /** What it takes to be as it is on another machine; without it the kernel makes no image. */
  save?(): ImageValue;
  /** The way back. Throws EINVAL for what is none of its. */
  restore?(state: ImageReader): void;
}

/** What a device is made with, and finds in its kernel. */
export interface DeviceHost extends Services {
  readonly name: string;
  readonly machine: Machine;
  readonly logger: Logger;
  readonly console: Console;
  /** Physical memory, without a CPU. Pages of its own end with it. */
  readonly dma: Dma;
  /** Its registers are I/O ports from this one on. Throws a TypeError where another device is, with its name. */
  ports(first: number, count: number, registers: DeviceRegisters): void;
  /**
   * Its registers are physical addresses from this one on; returns where the kernel's instructions find them. Throws a
   * TypeError where another device is, with its name, or memory.
   */
  map(physical: bigint, size: number, registers: DeviceRegisters): bigint;
  /** A wire to an interrupt line, which follows its level. */
  line(number: number): DeviceLine;
  /** Once, so many nanoseconds from now. */
  after(ns: number, action: TimerAction): Timer;
  /** Again and again. */
  every(ns: number, action: TimerAction): Timer;
}

/** A host that knows what was taken of it. */
class Host implements DeviceHost {
  readonly name: string;
  readonly machine: Machine;
  readonly logger: Logger;
  readonly console: Console;
  readonly dma: Dma;
  readonly get: Services['get'];
  readonly find: Services['find'];
  readonly #lines: DeviceLines;
  readonly #mappings: IoMappings;
  readonly #taken: Disposables;
  readonly #timers = new Set<Timer>();

  constructor(name: string, services: Services, taken: Disposables) {
    this.name = name;
    this.get = services.get;
    this.find = services.find;
    this.machine = services.get(MACHINE);
    this.logger = services.get(LOGGER);
    this.console = services.get(CONSOLE);
    this.dma = new Dma(this.machine.physical);
    this.#lines = services.get(DEVICE_LINES);
    this.#mappings = services.get(IO_MAPPINGS);
    this.#taken = taken;
    taken.add(
      () => this.dma.release(),
      () => {
        for (const timer of this.#timers) timer.cancel();
      },
    );
  }

  ports(first: number, count: number, registers: DeviceRegisters): void {
    this.#taken.add(
      this.machine.hardware.bus.attach(first, count, new GuardedDevice(this.name, registers, this.machine.errors)),
    );
  }

  map(physical: bigint, size: number, registers: DeviceRegisters): bigint {
    this.#taken.add(
      this.machine.hardware.bus.map(physical, size, new GuardedDevice(this.name, registers, this.machine.errors)),
    );
    const address = this.#mappings.map(physical, size);
    this.#taken.add(() => this.#mappings.unmap(address));
    return address;
  }

  line(number: number): DeviceLine {
    const wire = this.#lines.wire(number);
    this.#taken.add(() => wire.lower());
    return wire;
  }

  after(ns: number, action: TimerAction): Timer {
    const timer: Timer = this.machine.timers.after(
      ns,
      (cpu) => {
        this.#timers.delete(timer);
        action(cpu);
      },
      { name: `device '${this.name}'` },
    );
    this.#timers.add(timer);
    return timer;
  }

  every(ns: number, action: TimerAction): Timer {
    const timer = this.machine.timers.every(ns, action, { name: `device '${this.name}'` });
    this.#timers.add(timer);
    return timer;
  }
}

/**
 * A device as a plugin: `device('clock', (host) => { host.ports(0x40, 4, registers); return {}; })`. It is made when
 * the kernel starts, and stopped with it. What throws in its registers goes to the kernel's error channel, with its
 * name, and the access reads all ones.
 */
export function device(name: string, create: (host: DeviceHost) => Device): Plugin {
  requireKind('name', name, TEXT, invalidOption);
  requireKind('create', create, FUNCTION, invalidOption);

  class DevicePlugin implements Consumer {
    static readonly plugin = { name };
    static readonly inject = [SERVICES];
    readonly #services: Services;
    #taken: Disposables | undefined;
    #device: Device | undefined;

    constructor(services: Services) {
      this.#services = services;
    }

    start(): void {
      if (this.#taken !== undefined) return;
      const taken = new Disposables();
      try {
        const made: unknown = create(new Host(name, this.#services, taken));
        if (typeof made !== 'object' || made === null) {
          throw new TypeError(`a device is an object, such as {}, and '${name}' returned ${String(made)}`);
        }
        const found = made as Device;
        taken.add(writeDown(name, found, this.#services.get(MACHINE)));
        this.#device = found;
        this.#taken = taken;
      } catch (error) {
        taken[Symbol.dispose]();
        throw error;
      }
    }

    stop(): void {
      const [made, taken] = [this.#device, this.#taken];
      this.#device = undefined;
      this.#taken = undefined;
      try {
        made?.stop?.();
      } finally {
        taken?.[Symbol.dispose]();
      }
    }
  }

  return Object.freeze({ name, consumer: DevicePlugin });
}

/** A device's state is a part of every image of its kernel. */
function writeDown(name: string, made: Device, machine: Machine): () => void {
  return machine.hibernation.parts.register(`device ${name}`, {
    save: () => {
      if (made.save !== undefined && made.restore !== undefined) return made.save();
      throw notWritable(`the device '${name}' has no save and restore`, { device: name });
    },
    restore: (from) => made.restore?.(from),
  });
}
