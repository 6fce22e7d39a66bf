import { coreError, FUNCTION, kind, requireKind } from '../errors/index.js';
import { type ImageReader, type ImageValue, notWritable } from '../image/index.js';
import { Bus } from './bus.js';
import { checkMade } from './check-made.js';
import { type Clock, VirtualClock } from './clock.js';
import { readContext, writeContext } from './context.js';
import { Cpu } from './cpu.js';
import type { DebugUnit } from './debug-unit.js';
import type { HardwareHost } from './hardware-host.js';
import type { Hypervisor } from './hypervisor.js';
import { AddressSpace } from './memory/address-space.js';
import { Mmu } from './memory/mmu.js';
import { type ByteOrder, PhysicalMemory } from './memory/physical-memory.js';
import { Progress } from './progress.js';
import { NEUTRAL_ROLES, type RegisterRoles } from './register-roles.js';
import { SoftwareBreakpoints } from './software-breakpoints.js';

/** Most CPUs that a computer has. */
export const MOST_CPUS = 4096;
/** Nanoseconds that an instruction takes, unless somebody says otherwise. */
const INSTRUCTION_TIME = 1000;
/** Behind the last address. */
const NO_BORDER = 1n << 64n;

const CPU_NUMBER = kind('a whole number, such as 0', Number.isInteger);

/** How a computer is built. */
export interface HardwareOptions {
  /** Number of CPUs, 1 to 4096. Default 1. */
  readonly cpus?: number;
  /** Bytes in a page, a power of two. */
  readonly pageSize: number;
  /** Default `little`. */
  readonly byteOrder?: ByteOrder;
  /** Names of the CPUs' general registers; default {@link NEUTRAL_ROLES}. */
  readonly roles?: RegisterRoles;
  /** The debug unit of each CPU. */
  readonly createUnit: (cpu: number) => DebugUnit;
  /** The clock of each CPU; default: {@link instructionTime} nanoseconds an instruction. */
  readonly createClock?: (cpu: number) => Clock;
  /** Nanoseconds an instruction takes, default 1000. */
  readonly instructionTime?: number;
  /** Of a virtual machine: its memory, out of the host's pages, and who makes its CPUs execute. */
  readonly virtual?: {
    readonly memory: PhysicalMemory;
    readonly host: HardwareHost;
    hypervisor(cpu: number): Hypervisor;
  };
}

/**
 * What is left when no software runs: CPUs with their debug units, clocks and interrupt lines, and a bus with memory
 * and devices. A kernel takes it as a part (`composeKernel({ hardware })`), and another one may take it afterwards,
 * with whatever is left in it.
 */
export class Hardware {
  readonly cpus: readonly Cpu[];
  readonly bus: Bus;
  /** Addresses at which every CPU takes its software trap. */
  readonly planted: SoftwareBreakpoints;
  /** Of a virtual machine: who makes it execute. */
  readonly host: HardwareHost | undefined;
  readonly #retired = { count: 0 };
  readonly #progress: readonly Progress[];

  constructor(options: HardwareOptions) {
    const { cpus: count = 1, instructionTime = INSTRUCTION_TIME, roles = NEUTRAL_ROLES, virtual } = options;
    if (!Number.isInteger(count) || count < 1 || count > MOST_CPUS) {
      throw new TypeError(`a machine has 1 to ${MOST_CPUS} CPUs, got ${count}`);
    }
    requireKind('createUnit', options.createUnit, FUNCTION);
    this.host = virtual?.host;
    this.bus = new Bus(virtual?.memory ?? new PhysicalMemory(options.pageSize, options.byteOrder));
    const createClock = options.createClock ?? (() => new VirtualClock(instructionTime));
    // Until a kernel brings page tables of its own, addresses are those of a space without a border.
    const kernel = new AddressSpace(this.memory);
    this.planted = new SoftwareBreakpoints(() => this.cpus.map(({ unit }) => unit.filter));
    this.#progress = Array.from(
      { length: count },
      (_, index) => new Progress(checkMade('createClock', createClock(index), index), this.#retired),
    );
    this.cpus = Array.from(
      { length: count },
      (_, index) =>
        new Cpu({
          index,
          unit: checkMade('createUnit', options.createUnit(index), index),
          bus: this.bus,
          mmu: new Mmu({ user: undefined, kernel, border: NO_BORDER }),
          planted: this.planted,
          roles,
          progress: this.#progress[index] as Progress,
          hypervisor: virtual?.hypervisor(index),
        }),
    );
  }

  get memory(): PhysicalMemory {
    return this.bus.memory;
  }

  /** Instructions that all CPUs have retired: what happened before what, where clocks are not comparable. */
  get retired(): number {
    return this.#retired.count;
  }

  /** A CPU by number. Throws EINVAL if there is none, and a TypeError for what is no whole number. */
  cpu(index: number): Cpu {
    const cpu = typeof index === 'number' ? this.cpus[index] : undefined;
    if (cpu !== undefined) return cpu;
    requireKind('the number of a CPU', index, CPU_NUMBER);
    const last = this.cpus.length - 1;
    throw coreError('HWBP_NO_SUCH_CPU', `there is no CPU ${index}: this machine has CPUs 0 to ${last}`, {
      cpu: index,
      cpus: this.cpus.length,
    });
  }

  /**
   * What is left of it without power: memory, devices, clocks, what is pending, and the registers of CPUs that idle.
   * Throws EBUSY for a clock that cannot be moved, a device that cannot be written down, planted breakpoints, and for a
   * virtual machine's.
   */
  save(): ImageValue {
    if (this.host !== undefined) throw notWritable('a virtual machine is its hypervisor’s to write down');
    if (this.planted.used) throw notWritable('software breakpoints are planted: lift them first');
    return {
      memory: this.memory.save(),
      devices: this.bus.save(),
      cpus: this.cpus.map(({ index, clock, instructions, userInstructions, interrupts, idle }) => {
        if (clock.set === undefined || !Number.isSafeInteger(clock.now))
          throw notWritable(`the clock of CPU ${index} cannot be set`);
        if (idle.completion !== undefined)
          throw notWritable(`CPU ${index} completes an instruction: let it execute first`);
        return {
          instructions,
          userInstructions,
          now: clock.now,
          raised: interrupts.raised,
          idle: writeContext(idle.save()),
        };
      }),
    };
  }

  /** The way back, to as many CPUs. */
  restore(from: ImageReader): void {
    const cpus = from.field('cpus').list();
    if (cpus.length !== this.cpus.length)
      throw from.field('cpus').invalid(`the ${this.cpus.length} CPUs of this machine`);
    this.memory.restore(from.field('memory'));
    this.bus.restore(from.field('devices'));
    for (const [index, one] of cpus.entries()) this.#restoreCpu(index, one);
  }

  #restoreCpu(index: number, from: ImageReader): void {
    const { clock, interrupts, idle } = this.cpu(index);
    const raised = from.field('raised');
    const [low, high, nonMaskable] = raised.list();
    if (low === undefined || high === undefined || nonMaskable === undefined) throw raised.invalid('three values');
    (this.#progress[index] as Progress).restore(
      from.field('instructions').number(),
      from.field('userInstructions').number(),
    );
    clock.set?.(from.field('now').number());
    interrupts.restore([low.number(0, 0xffff_ffff), high.number(0, 0xffff_ffff), nonMaskable.flag()]);
    idle.restore(readContext(from.field('idle')));
  }

  /** The CPUs that are powered. */
  get online(): readonly Cpu[] {
    return this.cpus.filter((cpu) => cpu.online);
  }
}
