import type { X86GuestDebug } from '@hwbp/arch-x86';
import { Kvm, type Vcpu, type VirtualMachine } from '@hwbp/kvm';
import { countArgument, StepError, textArgument } from '../format/arguments.js';
import type { Step, Value } from '../format/script.js';
import type { Stage } from '../player/stage.js';
import type { BareGuest } from './guest/bare-guest.js';
import type { GuestMode } from './guest/guest-cpu.js';
import { type HandlerCode, RecordedGuest } from './guest/recorded-guest.js';
import { GUEST_MEMORY } from './guest-layout.js';
import { HostThread } from './host-thread.js';

/** Where the host's process sees the guest's memory. */
const GUEST_IN_HOST = 0x4000_0000n;

/** One virtual CPU of a script, with what was told of it. */
export interface PlayedVcpu {
  readonly index: number;
  readonly vcpu: Vcpu;
  readonly debug: X86GuestDebug;
  readonly guest: BareGuest;
  /** Results that its program saves. @settable */
  saves: number;
  /** What was told of them last. @settable */
  told: readonly Value[];
}

/** The virtual machine of a script. */
export interface PlayedVm {
  readonly machine: VirtualMachine;
  readonly software: RecordedGuest;
  /** KVM_CAP_EXCEPTION_PAYLOAD is on. */
  readonly payloads: boolean;
  readonly vcpus: readonly PlayedVcpu[];
}

/** What a script of suite K2 has made: threads of the host's, and a virtual machine. */
export class KvmPlay {
  static readonly #plays = new WeakMap<Stage, KvmPlay>();
  readonly #stage: Stage;
  readonly #threads = new Map<string, HostThread>();
  #vm: PlayedVm | undefined;

  private constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** That of a stage. */
  static of(stage: Stage): KvmPlay {
    let play = KvmPlay.#plays.get(stage);
    if (play === undefined) {
      play = new KvmPlay(stage);
      KvmPlay.#plays.set(stage, play);
    }
    return play;
  }

  get threads(): ReadonlyMap<string, HostThread> {
    return this.#threads;
  }

  get vm(): PlayedVm | undefined {
    return this.#vm;
  }

  /** Makes a thread. */
  host(name: string, cpu: number): void {
    const thread = HostThread.start(this.#stage, this.#stage.self.task, cpu);
    this.#threads.set(name, thread);
    this.#stage.tasks.adopt(name, thread.task);
    this.#stage.tasks.detached(thread.task);
  }

  /** The thread that a step names. */
  thread(step: Step, field = 'on'): HostThread {
    const name = textArgument(step, field);
    const found = this.#threads.get(name);
    if (found === undefined) throw new StepError(`op ${step.op}: there is no thread ${name}`);
    return found;
  }

  /** The virtual CPU that a step names. */
  vcpu(step: Step): PlayedVcpu {
    return this.vcpuAt(step, countArgument(step, 'vcpu', this.#required(step).vcpus.length - 1));
  }

  vcpuAt(step: Step, index: number): PlayedVcpu {
    const found = this.#required(step).vcpus[index];
    if (found === undefined) throw new StepError(`op ${step.op}: there is no virtual CPU ${index}`);
    return found;
  }

  /** Makes the virtual machine. */
  createVm(mode: GuestMode, cpus: number, onDebug: HandlerCode, payloads: boolean): void {
    const { kernel, self } = this.#stage;
    const { frames, hole } = GUEST_MEMORY;
    let software: RecordedGuest | undefined;
    const machine = kernel.get(Kvm).createVm({
      cpus,
      start: false,
      memory: { frames, holes: [hole] },
      decode: (pc) => (software?.isBreakpoint(pc) === true ? 'breakpoint' : undefined),
    });
    machine.memory.mapInto(self.task.memory, GUEST_IN_HOST, 0, frames);
    const made = new RecordedGuest(machine.hardware, mode, onDebug, {
      touched: ({ index }) => machine.vcpus[index]?.leave(),
      shutdown: ({ index }) => machine.vcpus[index]?.exitWith({ reason: 'shutdown' }),
    });
    software = made;
    const vcpus = machine.vcpus.map((vcpu, index): PlayedVcpu => {
      const debug = vcpu.debug as X86GuestDebug;
      return { index, vcpu, debug, guest: made.vcpus[index] as BareGuest, saves: 0, told: [] };
    });
    this.#vm = { machine, software, payloads, vcpus };
    for (const vcpu of vcpus) this.restart(vcpu);
  }

  /** Registers as a program starts with them. */
  restart({ index, vcpu, debug, guest }: PlayedVcpu): void {
    const { software } = this.#vm as PlayedVm;
    software.restart(index);
    debug.cr4 = software.cr4;
    debug.setRegs(vcpu.cpu, { rip: guest.cpu.context.pc, tf: false, rf: false });
  }

  #required({ op }: Step): PlayedVm {
    if (this.#vm === undefined) throw new StepError(`op ${op}: there is no virtual machine`);
    return this.#vm;
  }
}
