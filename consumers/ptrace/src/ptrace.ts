import {
  type ArchManifest,
  type Consumer,
  checkTask,
  HARDWARE_DEBUG_REQUESTS,
  type HardwareDebugRequests,
  type ImagePart,
  type ImageReader,
  type ImageValue,
  inject,
  injectable,
  MACHINE,
  MANIFEST,
  type Machine,
  type PluginManifest,
  REGISTER_SETS,
  type RegisterSets,
  SINGLE_STEP,
  type SingleStep,
  type Task,
  TRAP_INSTRUCTION,
  type TrapInstruction,
  USER_AREA,
  USER_DEBUG_REGISTERS,
  type UserArea,
  type UserDebugRegisters,
} from '@hwbp/core';
import { ptraceError } from './errors.js';
import { Tracer } from './tracer.js';

/**
 * The ptrace consumer: debuggers in user space. Each debugger is a {@link Tracer} of its own and sees only its tracees.
 * Works with any scheduler; needs no perf events.
 */
@injectable()
export class Ptrace implements Consumer, ImagePart {
  static readonly plugin: PluginManifest = {
    name: 'ptrace',
    wants: [HARDWARE_DEBUG_REQUESTS, TRAP_INSTRUCTION, REGISTER_SETS, SINGLE_STEP],
  };
  readonly #machine: Machine;
  readonly #debug: UserDebugRegisters;
  readonly #area: UserArea;
  readonly #hardware: HardwareDebugRequests | undefined;
  readonly #trap: TrapInstruction | undefined;
  readonly #sets: RegisterSets | undefined;
  readonly #singleStep: SingleStep | undefined;
  readonly #steps: boolean;
  #started = false;
  #forget: (() => void) | undefined;
  readonly #tracers = new Set<Tracer>();
  /** Who traces a task: at most one tracer. */
  readonly #owners = new Map<Task, Tracer>();

  constructor(
    @inject(MACHINE) machine: Machine,
    @inject(USER_DEBUG_REGISTERS) debug: UserDebugRegisters,
    @inject(USER_AREA) area: UserArea,
    @inject(HARDWARE_DEBUG_REQUESTS) hardware: HardwareDebugRequests | undefined,
    @inject(TRAP_INSTRUCTION) trap: TrapInstruction | undefined,
    @inject(REGISTER_SETS) sets: RegisterSets | undefined,
    @inject(SINGLE_STEP) singleStep: SingleStep | undefined,
    @inject(MANIFEST) manifest: ArchManifest,
  ) {
    this.#machine = machine;
    this.#debug = debug;
    this.#area = area;
    this.#hardware = hardware;
    this.#trap = trap;
    this.#sets = sets;
    this.#singleStep = singleStep;
    this.#steps = manifest.singleStep;
  }

  start(): void {
    this.#started = true;
    this.#forget ??= this.#machine.hibernation.parts.register('ptrace', this);
  }

  /** Every tracer lets go, as if its process had ended. */
  stop(): void {
    this.#started = false;
    this.#forget?.();
    this.#forget = undefined;
    for (const tracer of [...this.#tracers]) tracer.close();
  }

  /** A debugger. `name` is for messages. Close it, or leave that to the kernel's end. ENODEV after {@link stop}. */
  tracer(name = 'tracer'): Tracer {
    if (!this.#started) throw ptraceError('PTRACE_STOPPED', 'ptrace was stopped with its kernel; compose a new one');
    const parts = {
      machine: this.#machine,
      debug: this.#debug,
      area: this.#area,
      hardware: this.#hardware,
      trap: this.#trap,
      sets: this.#sets,
      singleStep: this.#singleStep,
      steps: this.#steps,
      owners: this.#owners,
      live: () => this.#started,
    };
    const tracer: Tracer = new Tracer(name, parts, () => this.#tracers.delete(tracer));
    this.#tracers.add(tracer);
    return tracer;
  }

  /** The debuggers that are not closed, oldest first: in a kernel that goes on from an image, those of the image. */
  get tracers(): readonly Tracer[] {
    return [...this.#tracers];
  }

  save(): ImageValue {
    return this.tracers.map((tracer) => tracer.save());
  }

  restore(from: ImageReader): void {
    for (const one of from.list()) this.tracer(one.field('name').text()).restore(one);
  }

  /** Who traces a task. */
  tracerOf(task: Task): Tracer | undefined {
    checkTask(task);
    return this.#owners.get(task);
  }
}
