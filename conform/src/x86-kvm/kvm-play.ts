import type { X86GuestDebug } from '@hwbp/arch-x86';
import type { Cpu, Hardware } from '@hwbp/core';
import { Kvm, type Vcpu, type VirtualMachine, type VmOptions } from '@hwbp/kvm';
import { countArgument, StepError, textArgument } from '../format/arguments.js';
import type { Step } from '../format/script.js';
import type { Stage } from '../player/stage.js';
import type { BareGuest } from './guest/bare-guest.js';
import { RESET_PC } from './guest/guest-cpu.js';
import type { GuestHost, GuestSoftware } from './guest/guest-software.js';
import { HostThread } from './host-thread.js';

/** Where the host's process sees the guest's memory. */
const GUEST_IN_HOST = 0x4000_0000n;

/** One virtual CPU of a script. */
export interface PlayedVcpu {
  readonly index: number;
  readonly vcpu: Vcpu;
  readonly debug: X86GuestDebug;
  readonly guest: BareGuest;
}

/** The virtual machine of a script. */
export interface PlayedVm<S extends GuestSoftware> {
  readonly machine: VirtualMachine;
  readonly software: S;
  readonly vcpus: readonly PlayedVcpu[];
}

/** How a virtual machine is made. */
export interface MadeVm<S extends GuestSoftware> {
  readonly cpus: number;
  readonly memory: NonNullable<VmOptions['memory']> & { readonly frames: number };
  readonly software: (hardware: Hardware, host: GuestHost) => S;
}

/** What a script has made: threads of the host's, and a virtual machine. */
export class KvmPlay<S extends GuestSoftware> {
  readonly #stage: Stage;
  readonly #threads = new Map<string, HostThread>();
  #vm: PlayedVm<S> | undefined;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get threads(): ReadonlyMap<string, HostThread> {
    return this.#threads;
  }

  get vm(): PlayedVm<S> | undefined {
    return this.#vm;
  }

  /** Makes a thread. */
  host(name: string, cpu: number): void {
    const { self, tasks } = this.#stage;
    const thread = HostThread.start(this.#stage, self.task, cpu);
    this.#threads.set(name, thread);
    tasks.adopt(name, thread.task);
    tasks.detached(thread.task);
  }

  /** The thread that a step names. */
  thread(step: Step): HostThread {
    const name = textArgument(step, 'on');
    const found = this.#threads.get(name);
    if (found === undefined) throw new StepError(`op ${step.op}: there is no thread ${name}`);
    return found;
  }

  /** The virtual machine that a step needs. */
  requiredVm({ op }: Step): PlayedVm<S> {
    if (this.#vm === undefined) throw new StepError(`op ${op}: there is no virtual machine`);
    return this.#vm;
  }

  /** The virtual CPU that a step names: by default the first. */
  vcpu(step: Step): PlayedVcpu {
    const { vcpus } = this.requiredVm(step);
    return vcpus[countArgument(step, 'vcpu', vcpus.length - 1, 0)] as PlayedVcpu;
  }

  /** Makes the virtual machine. */
  createVm({ cpus, memory, software: make }: MadeVm<S>): void {
    const { kernel, self } = this.#stage;
    let software: S | undefined;
    const machine = kernel.get(Kvm).createVm({
      cpus,
      memory,
      start: false,
      decode: (pc) => (software?.isBreakpoint(pc) === true ? 'breakpoint' : undefined),
    });
    machine.memory.mapInto(self.task.memory, GUEST_IN_HOST, 0, memory.frames);
    const made = make(machine.hardware, hostOf(machine));
    software = made;
    const vcpus = machine.vcpus.map((vcpu, index): PlayedVcpu => {
      return { index, vcpu, debug: vcpu.debug as X86GuestDebug, guest: made.vcpus[index] as BareGuest };
    });
    this.#vm = { machine, software: made, vcpus };
    for (const vcpu of vcpus) {
      vcpu.debug.cr4 = 0n;
      this.restart(vcpu);
    }
  }

  /** Registers as a program starts with them. */
  restart({ index, vcpu, debug, guest }: PlayedVcpu): void {
    const { software } = this.#vm as PlayedVm<S>;
    software.restart(index);
    debug.cr4 = software.cr4 ?? debug.cr4;
    debug.setRegs(vcpu.cpu, { rip: guest.cpu.context.pc, tf: false, rf: false });
  }
}

/** What becomes of a guest that cannot go on by itself. */
function hostOf({ vcpus }: VirtualMachine): GuestHost {
  const vcpuOf = ({ index }: Cpu): Vcpu => vcpus[index] as Vcpu;
  return {
    touched: (cpu) => vcpuOf(cpu).leave(),
    shutdown: (cpu) => {
      const vcpu = vcpuOf(cpu);
      const debug = vcpu.debug as X86GuestDebug;
      vcpu.exitWith({ reason: 'shutdown' });
      vcpu.leave();
      debug.unit.reset();
      debug.cr4 = 0n;
      debug.setRegs(cpu, { rip: RESET_PC, tf: false, rf: false });
    },
    lost: (cpu) => {
      const vcpu = vcpuOf(cpu);
      vcpu.exitWith({ reason: 'internal error' });
      vcpu.leave();
    },
    completes: (cpu) => vcpuOf(cpu).completes,
  };
}

/** What scripts of one suite have made, by where they are played. */
export class Plays<S extends GuestSoftware> {
  readonly #plays = new WeakMap<Stage, KvmPlay<S>>();

  of(stage: Stage): KvmPlay<S> {
    let play = this.#plays.get(stage);
    if (play === undefined) {
      play = new KvmPlay(stage);
      this.#plays.set(stage, play);
    }
    return play;
  }
}
