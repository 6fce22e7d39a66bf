import { overlapExclusion, PPC64_QUIRKS, ppc64 } from '@hwbp/arch-ppc64';
import {
  composeKernel,
  EVENT_QUIRKS,
  type HardwareDebugRequest,
  type Kernel,
  KernelError,
  linuxSlotPolicy,
  type Machine,
  perfEvents,
  program,
  type Quirk,
  SI_CODES,
  type Task,
} from '@hwbp/core';
import { DEFAULT_PERF_SETTINGS, PERF_QUIRKS, PERF_SETTINGS, Perf } from '@hwbp/perf';
import { Ptrace, type Tracer } from '@hwbp/ptrace';
import { countArgument, StepError, textArgument, wordArgument } from '../format/arguments.js';
import { hexValue } from '../format/hex.js';
import type { Script, Step } from '../format/transcript.js';
import { attempt, type Results } from '../player/results.js';
import { switchedOff } from '../player/switched-off.js';
import { configOf } from './config.js';
import { PerfOps } from './perf-ops.js';
import { argumentsOf } from './results-of.js';
import { isTrap, runStub } from './run-stub.js';
import { STUBS, stubAddress, WORKER } from './worker-layout.js';
import { Workers } from './worker-task.js';

type Play = (step: Step) => Results;

const U32 = 0xffff_ffff;
/** A pointer to nothing, and how many bytes lie behind a good one. */
const BAD_POINTER = 8n;
const LONG = 8;
const DEBUG_INFO_SIZE = 32;
const REQUEST_SIZE = 40;
/** The breakpoint that `sethwdebug_addr_arg` asks for. */
const ADDR_ARG_REQUEST: HardwareDebugRequest = {
  version: 1,
  trigger_type: 4,
  addr_mode: 0,
  condition_mode: 0,
  addr: WORKER.window,
  addr2: 0n,
  condition_value: 0n,
};

/** Most tasks that a script begins with. */
const MOST_INITIAL = 3;

/** How many tasks a script begins with: it names them, but for those that it forks. */
function initialTasks({ steps }: Script): number {
  const born = steps.find(({ op }) => op === 'fork')?.child;
  if (typeof born === 'number') return Math.min(born, MOST_INITIAL);
  const named = steps.flatMap(({ t, who }) => [
    typeof t === 'number' ? t : -1,
    typeof who === 'string' ? Number(/^t(\d+)$/.exec(who)?.[1] ?? -1) : -1,
  ]);
  return Math.min(Math.max(2, ...named.map((index) => index + 1)), MOST_INITIAL);
}

/**
 * Plays one recorded ppc64 script on a freshly composed kernel, through the doors that any user has: the ptrace consumer and
 * the machine. It follows what the recording program did, op for op.
 */
export class Ppc64Player {
  /** The quirks of the kernels that it composes. */
  static readonly quirks: readonly Quirk[] = [...PPC64_QUIRKS, ...EVENT_QUIRKS, ...PERF_QUIRKS];
  readonly #script: Script;
  readonly #kernel: Kernel;
  readonly #machine: Machine;
  readonly #tracer: Tracer;
  readonly #workers: Workers;
  readonly #perf: PerfOps;
  readonly #tasks: Task[] = [];
  /** pid 1 of the recorded machine: it runs the script, and passes pointers into its own memory. */
  readonly #recorder: Task;
  #unique = 0x1111_1111_1111_1111n;

  readonly #ops: Readonly<Record<string, Play>> = {
    gethwdbginfo: (step) => this.#info(step),
    get_debugreg: (step) => this.#getDebugReg(step, WORKER.buffer),
    get_debugreg_badptr: (step) => this.#getDebugReg({ ...step, idx: 0 }, BAD_POINTER),
    set_debugreg: (step) => this.#withReadback(step, (task) => this.#setDebugReg(task, step)),
    sethwdebug: (step) => this.#withReadback(step, (task) => this.#setHwDebug(task, requestOf(step), WORKER.buffer)),
    sethwdebug_addr_arg: (step) =>
      this.#withReadback(step, (task) => this.#setHwDebug(task, ADDR_ARG_REQUEST, WORKER.buffer)),
    sethwdebug_badptr: (step) =>
      this.#withReadback(step, (task) => this.#setHwDebug(task, ADDR_ARG_REQUEST, BAD_POINTER)),
    delhwdebug: (step) => this.#withReadback(step, (task) => this.#delHwDebug(task, step)),
    fork: (step) => this.#fork(step),
    exec: (step) => this.#exec(step),
    kill: (step) => this.#kill(step),
    access: (step) => this.#access(step),
  };

  constructor(script: Script, options: { readonly strict?: boolean; readonly without?: readonly string[] } = {}) {
    this.#script = script;
    const config = configOf(String(script.setup.cfg));
    if (config === undefined) throw new StepError(`cfg ${String(script.setup.cfg)} is not known`);
    // Only the constraints were recorded on two CPUs: even tasks on the first, odd ones on the second.
    const cpus = script.suite === 'PC' ? 2 : 1;
    this.#kernel = composeKernel({
      arch: ppc64(config.features),
      cpus,
      scheduler: perfEvents(),
      slotPolicy: config.overlapRule ? overlapExclusion() : linuxSlotPolicy,
      consumers: [Ptrace, Perf],
      strict: options.strict ?? false,
      quirks: { ...config.quirks, ...switchedOff(options.without ?? [], Ppc64Player.quirks) },
      providers: [{ token: PERF_SETTINGS, value: { ...DEFAULT_PERF_SETTINGS, refusesEndedLeader: false } }],
    });
    this.#machine = this.#kernel.machine;
    this.#tracer = this.#kernel.get(Ptrace).tracer('recorder');
    this.#workers = new Workers(this.#kernel, this.#tracer, config.hashed);
    this.#recorder = this.#machine.spawn(program([]), { comm: 'recorder', run: false, demandZero: false });
    this.#recorder.memory.map(WORKER.buffer, WORKER.bufferSize);
    const perf = this.#kernel.get(Perf);
    this.#perf = new PerfOps({ perf, recorder: this.#recorder, task: (index) => this.#tasks[index] });
    for (let i = initialTasks(script); i > 0; i--) this.#tasks.push(this.#workers.spawn(this.#tasks.length % cpus));
  }

  /** Why a script cannot be played; `undefined` if it can. */
  static obstacle({ setup }: Script): string | undefined {
    return configOf(String(setup.cfg)) === undefined ? `needs ${String(setup.cfg)}` : undefined;
  }

  /** The script with the results that our kernel gives. Throws a StepError for a step that is no step of this format. */
  play(): Script {
    try {
      return { ...this.#script, steps: this.#script.steps.map((step, number) => this.#numbered(step, number)) };
    } finally {
      this.#kernel.dispose();
    }
  }

  #numbered(step: Step, number: number): Step {
    try {
      const ops = Object.hasOwn(this.#ops, step.op) ? this.#ops : this.#perf.ops;
      const play = Object.hasOwn(ops, step.op) ? ops[step.op] : undefined;
      if (play === undefined) throw new StepError(`unknown op '${step.op}'`);
      return { ...argumentsOf(step), ...play(step) } as Step;
    } catch (error) {
      if (error instanceof StepError) throw new StepError(`step ${number}: ${error.message}`);
      if (error instanceof KernelError) throw new StepError(`step ${number}: op ${step.op}: ${error.message}`);
      throw error;
    }
  }

  #task(step: Step): Task {
    const index = countArgument(step, 't', 1000);
    const found = this.#tasks[index];
    if (found === undefined) throw new StepError(`op ${step.op}: there is no task t${index}`);
    return found;
  }

  // --- debug requests ---

  /** What the kernel copies to or from the recorder: EFAULT where nothing is mapped, before anything else. */
  #copy(pointer: bigint, size: number): void {
    this.#recorder.memory.read(pointer, size);
  }

  #withReadback(step: Step, request: (task: Task) => Results | undefined): Results {
    const task = this.#task(step);
    return { ...attempt(() => request(task)), dr0: hexValue(this.#tracer.getDebugReg(task, 0)) };
  }

  #info(step: Step): Results {
    return attempt(() => {
      const info = this.#tracer.getHwDebugInfo(this.#task(step));
      this.#copy(step.ptr === undefined ? WORKER.buffer : wordArgument(step, 'ptr'), DEBUG_INFO_SIZE);
      const { num_instruction_bps: num_insn_bps, num_condition_regs: num_cond_regs, features, ...rest } = info;
      return { ...rest, num_insn_bps, num_cond_regs, features: hexValue(features) };
    });
  }

  #getDebugReg(step: Step, pointer: bigint): Results {
    return attempt(() => {
      const val = this.#tracer.getDebugReg(this.#task(step), Number(wordArgument(step, 'idx')));
      this.#copy(pointer, LONG);
      return { val: hexValue(val) };
    });
  }

  #setDebugReg(task: Task, step: Step): undefined {
    this.#tracer.setDebugReg(task, Number(wordArgument(step, 'idx')), wordArgument(step, 'data'));
  }

  #setHwDebug(task: Task, request: HardwareDebugRequest, pointer: bigint): Results {
    this.#copy(pointer, REQUEST_SIZE);
    return { ret: this.#tracer.setHwDebug(task, request) };
  }

  #delHwDebug(task: Task, step: Step): undefined {
    this.#tracer.delHwDebug(task, wordArgument(step, 'handle'));
  }

  // --- tasks ---

  #fork(step: Step): Results {
    const task = this.#task(step);
    this.#tracer.setRegs(task, { nip: stubAddress('fork') });
    this.#tracer.cont(task);
    const event = this.#tracer.wait(task);
    if (event?.kind !== 'event' || event.child === undefined) throw new StepError('the played task made no child');
    // Both go on to the trap behind the system call.
    for (const one of [event.child, task]) {
      if (one === event.child) this.#tracer.wait(one);
      this.#tracer.cont(one);
      this.#tracer.wait(one);
    }
    const child = this.#tasks.push(event.child) - 1;
    this.#machine.setAffinity(event.child, [child % this.#machine.cpus.length]);
    return { child, dr0: hexValue(this.#tracer.getDebugReg(event.child, 0)) };
  }

  #exec(step: Step): Results {
    const task = this.#task(step);
    this.#tracer.setRegs(task, { nip: stubAddress('execve') });
    this.#tracer.cont(task);
    const trap = this.#tracer.wait(task);
    const sigtrap = trap?.kind === 'signal' && trap.info.si_signo === 'SIGTRAP' && !isTrap(trap);
    this.#tracer.cont(task);
    const stopped = this.#tracer.wait(task);
    const signal = stopped?.kind === 'signal' ? stopped.info.si_signo : undefined;
    return {
      ret: 0,
      stop: sigtrap ? 'exec-sigtrap' : 'other',
      // waitpid's status of a stop: the signal above 0x7f.
      st: signal === 'SIGSTOP' ? '0x137f' : '0x057f',
      dr0: hexValue(this.#tracer.getDebugReg(task, 0)),
    };
  }

  #kill(step: Step): Results {
    const task = this.#task(step);
    this.#machine.sendSignal(task, { si_signo: 'SIGKILL', si_code: SI_CODES.SI_USER });
    this.#tracer.wait(task);
    return {};
  }

  // --- accesses ---

  #access(step: Step): Results {
    const task = this.#task(step);
    const name = textArgument(step, 'insn');
    if (!Object.hasOwn(STUBS, name)) throw new StepError(`op access: there is no instruction '${name}'`);
    const address = wordArgument(step, 'addr');
    const length = countArgument(step, 'size', 0x1000);
    this.#unique = BigInt.asUintN(64, this.#unique + 0x0101_0101_0101_0101n);
    // Bytes that no store leaves as they are, through an alias that no debug register sees.
    task.memory.write(address, new Uint8Array(length).fill(0xee));
    const registers = { r4: address, r5: this.#unique, r6: BigInt(length) };
    const before = this.#perf.counts();
    const run = runStub(this.#machine, this.#tracer, task, { name, registers, watch: { address, length } });
    return {
      ...(run.stops.length === 0 ? {} : { stops: run.stops }),
      ...(run.killed ? { wait: 'killed' } : { mem_changed: run.changed ? 1 : 0 }),
      ...(name.startsWith('sys_') && !run.killed ? { ret: Number(run.result) } : {}),
      hits: run.stops.length,
      ...this.#delta(before),
    };
  }

  /** What each open event has counted since. */
  #delta(before: ReadonlyMap<number, number>): Results {
    if (before.size === 0) return {};
    const counts = [...this.#perf.counts()].map(([h, count]) => [String(h), count - (before.get(h) ?? 0)] as const);
    return { delta: Object.fromEntries(counts) };
  }
}

function requestOf(step: Step): HardwareDebugRequest {
  return {
    version: countArgument(step, 'version', U32),
    trigger_type: countArgument(step, 'trigger', U32),
    addr_mode: countArgument(step, 'addr_mode', U32),
    condition_mode: countArgument(step, 'cond_mode', U32),
    addr: wordArgument(step, 'addr'),
    addr2: wordArgument(step, 'addr2'),
    condition_value: wordArgument(step, 'cond_value'),
  };
}
