import {
  type Alarm,
  type Cpu,
  checkOptions,
  FLAG,
  type Kind,
  type Program,
  type ProgramFactory,
  type ProgramState,
  type Task,
} from '@hwbp/core';
import { Fruitless } from './fruitless.js';
import type { Retirement } from './guest-clock.js';
import type { Vcpu } from './vcpu.js';
import type { VmHost } from './vm-host.js';

/** How KVM_RUN is called. */
export interface RunOptions {
  /** What was left open is completed, and nothing of the guest executes (kvm_run.immediate_exit). */
  readonly immediateExit?: boolean;
  /** It comes back as soon as the guest can take an interrupt (kvm_run.request_interrupt_window). */
  readonly interruptWindow?: boolean;
}

const RUN_OPTIONS: Readonly<Record<keyof RunOptions, Kind>> = { immediateExit: FLAG, interruptWindow: FLAG };

/** KVM_RUN of a virtual CPU, as a program. Throws a TypeError that names the option for anything that is none. */
export function kvmRun(vcpu: Vcpu, host: VmHost, options: RunOptions): ProgramFactory {
  checkOptions('run', options, RUN_OPTIONS);
  return () => new KvmRun(vcpu, host, options);
}

/** Bytes of each instruction of the host's on the way. */
const LENGTH = 4;

/**
 * One KVM_RUN: the host kernel's program that lets a virtual CPU run, from the system call to its return. The host's
 * own instructions on the way are watched like all of its kernel; from an entry to the next exit its registers are
 * muted.
 */
export class KvmRun implements Program, Retirement {
  readonly #vcpu: Vcpu;
  readonly #host: VmHost;
  readonly #options: RunOptions;
  readonly #fruitless: Fruitless;
  #phase: 'call' | 'enter' | 'guest' | 'handle' | 'done' = 'call';
  /** Instructions of the way in that are behind it. */
  #called = 0;
  #asleep = false;
  #alarm: { readonly alarm: Alarm; readonly cpu: Cpu } | undefined;
  #task: Task | undefined;
  #physical: Cpu | undefined;
  /** Instructions of this slice: the host's and the guest's. */
  #ran = 0;

  constructor(vcpu: Vcpu, host: VmHost, options: RunOptions) {
    this.#vcpu = vcpu;
    this.#host = host;
    this.#options = options;
    this.#fruitless = new Fruitless(vcpu, host);
  }

  /** The task that called it. */
  get task(): Task | undefined {
    return this.#task;
  }

  get state(): ProgramState {
    if (this.#phase === 'done') return 'done';
    return this.#asleep ? 'asleep' : 'ready';
  }

  run(physical: Cpu, budget: number): number {
    this.#ran = 0;
    this.#physical = physical;
    this.#task = this.#host.machine.current(physical);
    if (this.#asleep) this.#awake();
    while (this.#ran < budget && this.state === 'ready' && !physical.attention) {
      const before = this.#ran;
      this.#step(physical, budget - this.#ran);
      // An exception instead of an instruction: whoever counts those has to see it.
      if (this.#ran === before && this.#phase === 'guest') break;
    }
    return this.#ran;
  }

  /** The guest has retired instructions: its host's clock moves. */
  retire(instructions: number): void {
    this.#ran += instructions;
    this.#physical?.account(this.#ran);
  }

  /** There is something to do on the virtual CPU. */
  kick(): void {
    if (!this.#asleep) return;
    this.#awake();
    if (this.#task !== undefined) this.#host.machine.wake(this.#task);
  }

  #step(physical: Cpu, budget: number): void {
    const vcpu = this.#vcpu;
    switch (this.#phase) {
      case 'call':
        this.#call(physical);
        break;
      case 'enter':
        this.#enter(physical);
        break;
      case 'guest':
        this.#guest(budget);
        break;
      case 'handle': {
        const [address] = vcpu.log.owed;
        if (address !== undefined) {
          if (this.#execute(physical, address)) vcpu.log.owed.shift();
        } else if (vcpu.exit === undefined) {
          this.#phase = 'enter';
        } else {
          this.#phase = 'done';
          vcpu.end();
        }
        break;
      }
      case 'done':
    }
  }

  /** Into the kernel, by the system call. */
  #call(physical: Cpu): void {
    const address = this.#host.path('call')[this.#called];
    if (address !== undefined) {
      if (this.#execute(physical, address)) this.#called++;
    } else if (this.#vcpu.begin(this)) {
      this.#phase = 'enter';
    } else if (this.#isSignalled()) {
      this.#phase = 'done';
    } else {
      this.#asleep = true;
    }
  }

  #enter(physical: Cpu): void {
    const vcpu = this.#vcpu;
    const completes = vcpu.completes;
    if (!completes && (this.#options.immediateExit === true || this.#isSignalled())) {
      vcpu.exitWith({ reason: 'interrupted' });
      this.#phase = 'handle';
      return;
    }
    this.#host.outside.entering(vcpu);
    if (vcpu.held) {
      vcpu.await(this);
      this.#asleep = true;
      return;
    }
    if (!completes) vcpu.inject();
    vcpu.log.completing = completes;
    vcpu.enterOn(physical, this);
    this.#phase = 'guest';
  }

  #guest(budget: number): void {
    const vcpu = this.#vcpu;
    const { cpu } = vcpu;
    if (!vcpu.entered) {
      this.#phase = 'handle';
      return;
    }
    if (this.#isSignalled() || vcpu.held) {
      vcpu.leave();
      return;
    }
    const completes = vcpu.log.completing;
    const wantsWindow = this.#options.interruptWindow === true;
    if (wantsWindow && !completes && takesInterrupts(cpu)) {
      vcpu.leaveFor('irq window', { reason: 'irq window' });
      return;
    }
    if (completes) cpu.fetched();
    const before = this.#ran;
    // Where nothing but exceptions comes, whoever else is there gets on between them.
    const most =
      completes || wantsWindow || this.#fruitless.suspected ? 1 : Math.min(budget, this.#host.allowance, vcpu.pace);
    const result = cpu.traps.run?.(cpu, most) ?? { reason: 'idle', used: 0 };
    this.#fruitless.count(this.#ran - before, result.faults ?? 0);
    this.#host.use(result.used);
    const own = vcpu.debug.takeExit();
    if (own === undefined) this.#host.outside.ran(vcpu);
    else vcpu.exitWith(own);
    // What was completed is over: what waits comes before anything else.
    if (completes || own !== undefined) vcpu.leave();
    vcpu.log.completing = false;
    if (result.reason === 'budget') return;
    if (result.reason !== 'stopped' && result.reason !== 'suspended') this.#sleep();
    this.#host.came(result);
  }

  /** One instruction of the host kernel's; false: an exception came instead. */
  #execute(physical: Cpu, pc: bigint): boolean {
    const done = physical.execute({ pc, length: LENGTH }) !== undefined;
    if (done) {
      this.#ran++;
      this.#fruitless.attend();
    }
    return done;
  }

  #isSignalled(): boolean {
    const task = this.#task;
    return task?.pending.some(({ si_signo }) => !task.blocked.has(si_signo)) === true;
  }

  /** Nothing can execute there until somebody kicks the virtual CPU, or its next alarm. */
  #sleep(): void {
    const vcpu = this.#vcpu;
    const physical = this.#physical as Cpu;
    vcpu.leave();
    this.#asleep = true;
    const { next, nextEvent } = vcpu.cpu.alarms;
    // One that is due and was not taken cannot be: the guest's kernel has switched the CPU off, or its debugger has it.
    if (next === Number.POSITIVE_INFINITY || next <= vcpu.clock.now) return;
    // Where the guest waits for nothing but its ticks, an idle host does not wait for those.
    const wakes = nextEvent !== Number.POSITIVE_INFINITY;
    const alarm = physical.alarms.create({ expired: () => this.kick() }, { wakes });
    this.#alarm = { alarm, cpu: physical };
    physical.alarms.set(alarm, vcpu.clock.hostTime(next));
  }

  #awake(): void {
    this.#asleep = false;
    this.#alarm?.cpu.alarms.cancel(this.#alarm.alarm);
    this.#alarm = undefined;
  }
}

/** An interrupt could be taken before the next instruction. */
function takesInterrupts(cpu: Cpu): boolean {
  return !cpu.shadowed && cpu.traps.takesInterrupts?.(cpu) !== false;
}
