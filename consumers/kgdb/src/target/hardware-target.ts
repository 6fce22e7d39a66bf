import type { AddressSpace, TargetDescription } from '@hwbp/core';
import { hardwareMonitor } from '../monitor/hardware-monitor.js';
import type { Monitor } from '../monitor/monitor.js';
import type { DebugTarget, Progress } from '../rsp/debug-target.js';
import { FIRST_PROCESS } from '../rsp/thread-id.js';
import { HardwareClaims } from './hardware-claims.js';
import { HardwareControl } from './hardware-control.js';
import type { HardwareDebugger, HardwareStop } from './hardware-debugger.js';
import { HardwareThreads } from './hardware-threads.js';
import { Memory } from './memory.js';
import { Points } from './points.js';
import { Registers } from './registers.js';

/** How a computer is shown to its debugger. */
export interface HardwareTargetOptions {
  /** Who debugs it, for others who want to. */
  readonly owner: string;
  readonly bias: bigint | undefined;
  readonly notice: (text: string) => void;
}

/** What executes on its CPUs is not known. */
const ONE_PROCESS = { threadOf: () => undefined, processOf: () => FIRST_PROCESS };

/** A computer as a target: its debugger stands outside, and knows nothing of its software. */
export class HardwareTarget implements DebugTarget {
  readonly threads: HardwareThreads;
  readonly registers: Registers;
  readonly memory: Memory;
  readonly execution: HardwareControl;
  readonly points: Points<HardwareStop>;
  readonly monitor: Monitor;
  readonly #owner: string;

  constructor(
    hardware: HardwareDebugger,
    description: TargetDescription,
    { owner, bias, notice }: HardwareTargetOptions,
  ) {
    const threads = new HardwareThreads(hardware);
    const claims = new HardwareClaims(hardware);
    const changed = (): void => {};
    this.#owner = owner;
    this.threads = threads;
    this.registers = new Registers(description, threads, changed);
    this.memory = new Memory(threads, changed);
    this.execution = new HardwareControl({
      debugger: hardware,
      threads,
      bias,
      notice,
      leaving: () => this.points.settle(),
      tell: (stop) => claims.tell(stop),
    });
    const memoryAt = (address: bigint): AddressSpace => {
      const { stop } = this.execution;
      return threads.memory(stop.kind === 'stopped' ? stop.thread : 0, address);
    };
    // Whose it is, it knows itself: it plants beside the guest's own.
    const planted = {
      plant: (address: bigint) => hardware.plant(address),
      lift: (address: bigint) => hardware.lift(address),
      other: () => undefined,
    };
    this.points = new Points(
      { manifest: hardware.manifest, planted, decodes: false, ...ONE_PROCESS, memoryAt },
      claims,
      (stop, reason) => this.execution.hit(stop, reason),
    );
    this.monitor = hardwareMonitor(hardware);
  }

  attach(): void {
    this.execution.attach(this.#owner);
  }

  run(budget: number): Progress {
    return this.execution.run(budget);
  }

  get ended(): boolean {
    return this.execution.inside && this.execution.stop.kind !== 'stopped';
  }

  release(): void {
    this.points.dispose();
    this.execution.release();
  }
}
