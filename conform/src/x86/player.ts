import { X86_QUIRKS, x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  EVENT_QUIRKS,
  type Kernel,
  KernelError,
  type Machine,
  perfEvents,
  type Quirk,
  type Task,
} from '@hwbp/core';
import { DEFAULT_PERF_SETTINGS, PERF_QUIRKS, PERF_SETTINGS, Perf } from '@hwbp/perf';
import { Ptrace, type Tracer } from '@hwbp/ptrace';
import { countArgument, StepError, textArgument } from '../format/arguments.js';
import { hexValue } from '../format/hex.js';
import type { Script, Step, Value } from '../format/transcript.js';
import { attempt, type Results, systemCallResult } from '../player/results.js';
import { switchedOff } from '../player/switched-off.js';
import { AccessOps, shown } from './access-ops.js';
import { AddressBook } from './address-book.js';
import type { ResolvedMachine } from './machine-facts.js';
import { PerfOps } from './perf-ops.js';
import { RecorderTask } from './recorder-task.js';
import { runStub, type StubResult, type StubRun } from './run-stub.js';
import { stubAddress, stubIndex, WORKER } from './worker-layout.js';
import { NR } from './worker-syscalls.js';
import { spawnWorker, TRACE_OPTIONS } from './worker-task.js';

type Play = (step: Step) => Results;

/** Fields of a step that are results and not arguments, where an op has more than all have. */
const RESULTS: Readonly<Record<string, readonly string[]>> = {
  peek: ['val'],
  attach: ['sig'],
  read: ['value', 'values', 'enabled', 'running', 'times'],
};
const DEBUG_REGISTERS = 8;

/** Parts of the state that can be read back after each step. */
const PARTS = ['dr', 'free', 'count'] as const;

/** The parts that a script asks for. */
function partsOf({ setup: { after } }: Script): readonly string[] {
  return typeof after === 'string' ? after.split(',').filter((part) => part !== '') : [];
}

/**
 * Plays one recorded x86 script on a freshly composed kernel, through the doors that any user has: the ptrace consumer and
 * the machine. It follows what the recording program did, op for op.
 */
export class X86Player {
  readonly #kernel: Kernel;
  readonly #machine: Machine;
  readonly #tracer: Tracer;
  readonly #tasks = new Map<string, Task>();
  /** Tasks that the recorder takes for its tracees: until it has seen them end. */
  readonly #traced = new Set<Task>();
  /** Tasks that it takes for alive. */
  readonly #live = new Set<Task>();
  readonly #self: RecorderTask;
  readonly #addresses: AddressBook;
  readonly #perf: PerfOps;
  readonly #access: AccessOps;
  #parts: readonly string[] = [];

  readonly #ops: Readonly<Record<string, Play>> = {
    spawn: (step) => this.#spawn(step),
    exit: (step) => this.#exit(step),
    kill: (step) => this.#kill(step),
    fork: (step) => this.#bear(step, [BigInt(NR.fork), 0n]),
    thread: (step) => this.#bear(step, [BigInt(NR.clone), 0x50f00n]),
    exec: (step) => shown(this.#call(this.#task(step), [BigInt(NR.execve), WORKER.execArguments])),
    affinity: (step) => this.#affinity(step),
    detach: (step) => this.#detach(step),
    attach: (step) => this.#attach(step),
    poke: (step) => this.#poke(step),
    peek: (step) => this.#peek(step),
  };

  /** The quirks of the kernel that it composes. */
  static readonly quirks: readonly Quirk[] = [...X86_QUIRKS, ...EVENT_QUIRKS, ...PERF_QUIRKS];

  /** `without`: names of quirks that this kernel does not have. */
  constructor({
    machine,
    strict = false,
    without = [],
  }: {
    readonly machine: ResolvedMachine;
    readonly strict?: boolean;
    readonly without?: readonly string[];
  }) {
    const { bpext, kprobes, taskSize, perfEventParanoid, maxSampleRate } = machine;
    this.#kernel = composeKernel({
      arch: x86({ rangeBreakpoints: bpext, kprobes, taskSize }),
      cpus: machine.cpus,
      scheduler: perfEvents({ sampleRate: maxSampleRate }),
      consumers: [Ptrace, Perf],
      strict,
      quirks: switchedOff(without, X86Player.quirks),
      providers: [
        { token: PERF_SETTINGS, value: { ...DEFAULT_PERF_SETTINGS, perf_event_paranoid: perfEventParanoid } },
      ],
    });
    this.#machine = this.#kernel.machine;
    this.#tracer = this.#kernel.get(Ptrace).tracer('recorder');
    this.#self = new RecorderTask(this.#machine);
    this.#addresses = new AddressBook(this.#machine, (name) => this.#tasks.get(name));
    this.#perf = new PerfOps({
      perf: this.#kernel.get(Perf),
      self: this.#self,
      addresses: this.#addresses,
      pidOf: (name) => this.#tasks.get(name)?.pid,
      nameOf: (pid) => this.#nameOf(pid),
      live: () =>
        [...this.#tasks].filter(([, task]) => this.#live.has(task)).map(([name, { pid }]) => [name, pid] as const),
    });
    this.#access = new AccessOps({
      machine: this.#machine,
      self: this.#self,
      addresses: this.#addresses,
      task: (step) => this.#task(step),
      run: (task, run) => this.#run(task, run),
      call: (task, registers, run) => this.#call(task, registers, run),
    });
  }

  /** Why a script cannot be played; `undefined` if it can. */
  static obstacle(script: Script): string | undefined {
    const foreign = partsOf(script).find((part) => !(PARTS as readonly string[]).includes(part));
    return foreign === undefined ? undefined : `reads back ${foreign}, which is not played`;
  }

  /** The script with the results that our kernel gives. Throws a StepError for a step that is no step of this format. */
  play(script: Script): Script {
    this.#parts = partsOf(script);
    try {
      return { ...script, steps: script.steps.map((step, number) => this.#numbered(step, number)) };
    } finally {
      this.#kernel.dispose();
    }
  }

  /** What is wrong with a step is told with its number; what our kernel refuses to do at all, no real one has recorded. */
  #numbered(step: Step, number: number): Step {
    try {
      return this.#step(step);
    } catch (error) {
      if (error instanceof StepError) throw new StepError(`step ${number}: ${error.message}`);
      if (error instanceof KernelError) throw new StepError(`step ${number}: op ${step.op}: ${error.message}`);
      throw error;
    }
  }

  #step(step: Step): Step {
    const ops = [this.#ops, this.#access.ops, this.#perf.ops].find((some) => Object.hasOwn(some, step.op));
    const play = ops?.[step.op];
    if (play === undefined) throw new StepError(`unknown op '${step.op}'`);
    this.#self.wake();
    const results = play(step);
    this.#self.wake();
    const after: Results = {};
    if (this.#parts.includes('dr')) after.dr = this.#debugRegisters();
    if (this.#parts.includes('free')) after.free = this.#perf.free();
    if (this.#parts.includes('count')) Object.assign(after, this.#perf.count());
    return { ...this.#argumentsOf(step), ...results, after } as Step;
  }

  /** A step without its results. */
  #argumentsOf(step: Step): Step {
    const { ret: _ret, errno: _errno, stops: _stops, end: _end, after: _after, ...rest } = step;
    for (const name of RESULTS[step.op] ?? []) delete (rest as { [key: string]: Value })[name];
    return rest as Step;
  }

  #debugRegisters(): Value {
    const registers: Results = {};
    for (const [name, task] of this.#tasks) {
      if (!this.#traced.has(task)) continue;
      // One that ended with another thread of its process is still listed: the recorder's peeks fail and leave 0.
      const peek = (register: number): bigint => (task.alive ? this.#peekDebug(task, register) : 0n);
      registers[name] = Array.from({ length: DEBUG_REGISTERS }, (_, register) => hexValue(peek(register)));
    }
    return registers;
  }

  #peekDebug(task: Task, register: number): bigint {
    return this.#tracer.peekUser(task, this.#tracer.debugOffset(register));
  }

  #task(step: Step, name = 'task'): Task {
    const found = this.#tasks.get(textArgument(step, name));
    if (found === undefined) throw new StepError(`op ${step.op}: there is no task ${textArgument(step, name)}`);
    return found;
  }

  #adopt(name: string, task: Task): void {
    this.#tasks.set(name, task);
    this.#traced.add(task);
    this.#live.add(task);
  }

  #nameOf(pid: number): string {
    // The latest of those that had this number.
    for (const [name, task] of [...this.#tasks].reverse()) if (task.pid === pid) return name;
    return pid === this.#self.task.pid ? 'self' : '?';
  }

  #ended(task: Task): void {
    this.#traced.delete(task);
    this.#live.delete(task);
  }

  /** Runs a task; the recorder strikes it off if it ends. */
  #run(task: Task, run: StubRun): StubResult {
    const result = runStub(this.#tracer, task, run);
    if (result.end === 'exited' || result.end === 'killed') this.#ended(task);
    return result;
  }

  #call(
    task: Task,
    [rax = 0n, rdi = 0n, rsi = 0n, rdx = 0n]: readonly bigint[],
    run: Partial<StubRun> = {},
  ): StubResult {
    const registers = { rip: stubAddress(stubIndex('syscall')), rax, rdi, rsi, rdx };
    return this.#run(task, { ...run, registers });
  }

  // --- ops on tasks ---

  #spawn(step: Step): Results {
    const options = { cpu: countArgument(step, 'cpu', 1, 0), uid: countArgument(step, 'uid', 65535, 0) };
    this.#adopt(textArgument(step, 'task'), spawnWorker(this.#machine, this.#self.task, this.#tracer, options));
    return {};
  }

  #exit(step: Step): Results {
    const number = textArgument(step, 'how') === 'thread' ? NR.exit : NR.exit_group;
    return shown(this.#call(this.#task(step), [BigInt(number)]));
  }

  #kill(step: Step): Results {
    const task = this.#task(step);
    // It dies by running: its events see that time.
    this.#machine.wake(task);
    if (task.alive && !task.onCpu) this.#machine.schedule(task.cpu);
    this.#machine.cpu(task.cpu).clock.advance(1);
    this.#machine.sendSignal(task, { si_signo: 'SIGKILL', si_code: 0 });
    this.#ended(task);
    return {};
  }

  #bear(step: Step, call: readonly bigint[]): Results {
    const result = this.#call(this.#task(step), call);
    if (result.child === undefined) return { ...shown(result), ...systemCallResult(result.result) };
    this.#adopt(textArgument(step, 'new'), result.child);
    // It begins with the SIGSTOP of a traced birth; the recorder lets it run to its INT3.
    this.#tracer.wait(result.child);
    this.#tracer.cont(result.child);
    this.#tracer.wait(result.child);
    return { ...shown(result), ret: 0 };
  }

  #affinity(step: Step): Results {
    const task = this.#task(step);
    const cpu = countArgument(step, 'cpu', 1);
    // One that has ended and was not waited for can still be asked to move.
    if (task.alive) this.#machine.setAffinity(task, [cpu]);
    return {};
  }

  #detach(step: Step): Results {
    const task = this.#task(step);
    attempt(() => void this.#tracer.setRegs(task, { rip: WORKER.pauseLoop, eflags: 0x202n }));
    const result = attempt(() => void this.#tracer.detach(task));
    this.#traced.delete(task);
    this.#machine.run(10_000);
    return result;
  }

  #attach(step: Step): Results {
    const task = this.#task(step);
    const result = attempt(() => void this.#tracer.attach(task, TRACE_OPTIONS));
    if (result.ret !== 0) return result;
    const status = this.#tracer.wait(task);
    if (status?.kind === 'exited' || status?.kind === 'killed') {
      this.#live.delete(task);
      return { ...result, end: status.kind === 'killed' ? status.signal : 'exited' };
    }
    this.#traced.add(task);
    const signal = status?.kind === 'signal' ? status.info.si_signo : 'SIGSTOP';
    return signal === 'SIGSTOP' ? result : { ...result, sig: signal };
  }

  // --- debug registers ---

  #poke(step: Step): Results {
    const offset = this.#tracer.debugOffset(countArgument(step, 'reg', 1 << 20));
    const value = this.#addresses.resolve(step.val, 'op poke: val');
    return attempt(() => void this.#tracer.pokeUser(this.#task(step), offset, value));
  }

  #peek(step: Step): Results {
    return attempt(() => ({ val: hexValue(this.#peekDebug(this.#task(step), countArgument(step, 'reg', 1 << 20))) }));
  }
}
