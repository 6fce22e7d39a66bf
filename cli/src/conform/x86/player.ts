import { x86 } from '@hwbp/arch-x86';
import { composeKernel, type Kernel, KernelError, type Machine, program, type Task } from '@hwbp/core';
import { Ptrace, type Tracer } from '@hwbp/ptrace';
import { countArgument, StepError, textArgument, wordArgument } from '../arguments.js';
import { hexValue } from '../hex.js';
import type { ResolvedMachine } from '../machine-facts.js';
import type { Script, Step, Value } from '../transcript.js';
import { attempt, type Results, systemCallResult } from './results.js';
import { runStub, type StubResult, type StubRun } from './run-stub.js';
import { STUBS, stubAddress, stubIndex, WORKER } from './worker-layout.js';
import { FD, NR } from './worker-syscalls.js';
import { spawnWorker, TRACE_OPTIONS } from './worker-task.js';

type Play = (step: Step) => Results;

const DEBUG_REGISTERS = 8;
const BYTES_8 = 8;

/** Ops that only the perf consumer can play. */
const NEEDS_PERF: ReadonlySet<string> = new Set([
  'open',
  'close',
  'ioctl',
  'modify',
  'read',
  'mmap',
  'signal',
  'self_store',
]);

function littleEndian(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (i % BYTES_8))) & 0xffn));
}

/** True if the state after each step has the debug registers of the tracees. */
function asksForDebugRegisters({ setup: { after } }: Script): boolean {
  return typeof after === 'string' && after.split(',').includes('dr');
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
  /** The recorder's source of values that differ from one access to the next. */
  #unique = 0x1111_1111_1111_1111n;
  #remote = 0x7777_7777_7777_7777n;
  #readsDebugRegisters = true;

  readonly #ops: Readonly<Record<string, Play>> = {
    spawn: (step) => this.#spawn(step),
    exit: (step) => this.#exit(step),
    kill: (step) => this.#kill(step),
    fork: (step) => this.#bear(step, [BigInt(NR.fork), 0n]),
    thread: (step) => this.#bear(step, [BigInt(NR.clone), 0x50f00n]),
    exec: (step) => this.#shown(this.#call(this.#task(step), [BigInt(NR.execve), WORKER.execArguments])),
    affinity: (step) => this.#affinity(step),
    detach: (step) => this.#detach(step),
    attach: (step) => this.#attach(step),
    poke: (step) => this.#poke(step),
    peek: (step) => this.#peek(step),
    access: (step) => this.#access(step),
    nops: (step) => this.#shown(this.#run(this.#task(step), this.#mode(step, { rip: wordArgument(step, 'from') }))),
    sys: (step) => this.#sys(step),
    remote_write: (step) => this.#remoteWrite(step),
  };

  constructor({ machine, strict }: { readonly machine: ResolvedMachine; readonly strict?: boolean }) {
    this.#kernel = composeKernel({
      arch: x86({ rangeBreakpoints: machine.bpext, kprobes: machine.kprobes, taskSize: machine.taskSize }),
      cpus: machine.cpus,
      consumers: [Ptrace],
      strict: strict ?? false,
    });
    this.#machine = this.#kernel.machine;
    this.#tracer = this.#kernel.get(Ptrace).tracer('recorder');
  }

  /** Why a script cannot be played; `undefined` if it can. */
  static obstacle(script: Script): string | undefined {
    for (const { op } of script.steps) if (NEEDS_PERF.has(op)) return 'needs perf';
    const after = script.setup.after;
    if (typeof after === 'string' && after.split(',').some((part) => part !== 'dr' && part !== '')) return 'needs perf';
    return undefined;
  }

  /** The script with the results that our kernel gives. Throws a StepError for a step that is no step of this format. */
  play(script: Script): Script {
    this.#readsDebugRegisters = asksForDebugRegisters(script);
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
    const play = Object.hasOwn(this.#ops, step.op) ? this.#ops[step.op] : undefined;
    if (play === undefined) throw new StepError(`unknown op '${step.op}'`);
    return {
      ...this.#argumentsOf(step),
      ...play(step),
      after: this.#readsDebugRegisters ? { dr: this.#debugRegisters() } : {},
    } as Step;
  }

  /** A step without its results. */
  #argumentsOf(step: Step): Step {
    const { ret: _ret, errno: _errno, stops: _stops, end: _end, after: _after, sig: _sig, ...rest } = step;
    if (step.op === 'peek') delete (rest as { val?: Value }).val;
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
  }

  #mode(step: Step, registers: StubRun['registers']): StubRun {
    return { registers, rf: step.rf !== undefined && step.rf !== 0, step: step.mode === 'step' };
  }

  /** Runs a task; the recorder strikes it off if it ends. */
  #run(task: Task, run: StubRun): StubResult {
    const result = runStub(this.#tracer, task, run);
    if (result.end === 'exited' || result.end === 'killed') this.#traced.delete(task);
    return result;
  }

  #shown({ stops, end }: StubResult): Results {
    return end === undefined ? { stops } : { stops, end };
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
    const privileged = (step.uid ?? 0) === 0;
    this.#adopt(
      textArgument(step, 'task'),
      spawnWorker(this.#kernel, this.#tracer, countArgument(step, 'cpu', 1, 0), privileged),
    );
    return {};
  }

  #exit(step: Step): Results {
    const number = textArgument(step, 'how') === 'thread' ? NR.exit : NR.exit_group;
    return this.#shown(this.#call(this.#task(step), [BigInt(number)]));
  }

  #kill(step: Step): Results {
    const task = this.#task(step);
    this.#machine.sendSignal(task, { si_signo: 'SIGKILL', si_code: 0 });
    this.#traced.delete(task);
    return {};
  }

  #bear(step: Step, call: readonly bigint[]): Results {
    const result = this.#call(this.#task(step), call);
    if (result.child === undefined) return { ...this.#shown(result), ...systemCallResult(result.result) };
    this.#adopt(textArgument(step, 'new'), result.child);
    // It begins with the SIGSTOP of a traced birth; the recorder lets it run to its INT3.
    this.#tracer.wait(result.child);
    this.#tracer.cont(result.child);
    this.#tracer.wait(result.child);
    return { ...this.#shown(result), ret: 0 };
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
      return { ...result, end: status.kind === 'killed' ? status.signal : 'exited' };
    }
    this.#traced.add(task);
    const signal = status?.kind === 'signal' ? status.info.si_signo : 'SIGSTOP';
    return signal === 'SIGSTOP' ? result : { ...result, sig: signal };
  }

  // --- debug registers ---

  #poke(step: Step): Results {
    const offset = this.#tracer.debugOffset(countArgument(step, 'reg', 1 << 20));
    return attempt(() => void this.#tracer.pokeUser(this.#task(step), offset, wordArgument(step, 'val')));
  }

  #peek(step: Step): Results {
    return attempt(() => ({ val: hexValue(this.#peekDebug(this.#task(step), countArgument(step, 'reg', 1 << 20))) }));
  }

  // --- accesses ---

  #access(step: Step): Results {
    const task = this.#task(step);
    const name = textArgument(step, 'insn');
    const index = stubIndex(name);
    if (index < 0) throw new StepError(`op access: there is no instruction '${name}'`);
    const rdi = wordArgument(step, 'addr');
    const count = countArgument(step, 'n', 0xffff_ffff, 0);
    this.#unique = BigInt.asUintN(64, this.#unique + 0x0101_0101_0101_0101n);
    const unique = this.#unique;
    const registers: Record<string, bigint> = { rip: stubAddress(index), rdi, rcx: BigInt(count), rsi: unique };
    if (step.src !== undefined) registers.rsi = wordArgument(step, 'src');
    if (name === 'cas8') {
      const current =
        task.memory.firstFault(rdi, BYTES_8, false) === undefined ? task.memory.readInteger(rdi, BYTES_8) : 0n;
      registers.rax = step.ok === 0 ? BigInt.asUintN(64, ~current) : current;
      registers.rdx = unique;
    }
    if (name === 'repstosb') registers.rax = unique & 0xffn;
    if (name === 'movss') this.#tryWrite(task, rdi, littleEndian(0x2bn, 2));
    if (name === 'st16' || name === 'st32') task.context.set('xmm0', unique);
    if (name === 'movsq' || name.startsWith('repmovs')) {
      const bytes = count === 0 ? BYTES_8 : count * (name === 'repmovsq' ? BYTES_8 : 1);
      // Behind the first page that is missing nothing is read.
      for (let done = 0; done < bytes; done += BYTES_8) {
        const part = littleEndian(unique, Math.min(BYTES_8, bytes - done));
        if (!this.#tryWrite(task, (registers.rsi ?? 0n) + BigInt(done), part)) break;
      }
    }
    const changes = STUBS[index]?.[1] ?? 0;
    const watch = { address: rdi, length: changes < 0 ? Math.min(count, 64) : changes };
    return this.#shown(this.#run(task, { ...this.#mode(step, registers), watch }));
  }

  /** Writes memory behind the task's back, as far as it is there. */
  #tryWrite(task: Task, address: bigint, bytes: Uint8Array): boolean {
    const fault = task.memory.firstFault(address, bytes.length, true);
    const count = fault === undefined ? bytes.length : Number(BigInt.asUintN(64, fault - address));
    if (count > 0) task.memory.write(address, bytes.subarray(0, count));
    return fault === undefined;
  }

  #sys(step: Step): Results {
    const task = this.#task(step);
    const run = { step: step.mode === 'step' };
    const result = this.#call(task, this.#systemCallArguments(step), run);
    return { ...this.#shown(result), ...systemCallResult(result.result) };
  }

  #systemCallArguments(step: Step): readonly bigint[] {
    const call = textArgument(step, 'call');
    if (call === 'getresuid') {
      return [BigInt(NR.getresuid), wordArgument(step, 'a'), wordArgument(step, 'b'), wordArgument(step, 'c')];
    }
    const transfers: Readonly<Record<string, readonly [number, number]>> = {
      read_zero: [NR.read, FD.zero],
      read_pipe: [NR.read, FD.pipeRead],
      write_pipe: [NR.write, FD.pipeWrite],
    };
    const transfer = Object.hasOwn(transfers, call) ? transfers[call] : undefined;
    if (transfer === undefined) throw new StepError(`op sys: there is no call '${call}'`);
    const [number, descriptor] = transfer;
    return [BigInt(number), BigInt(descriptor), wordArgument(step, 'addr'), BigInt(countArgument(step, 'len', 4096))];
  }

  /** The recorder writes the task's memory: in kernel mode, on its own CPU, through the kernel's map of the page. */
  #remoteWrite(step: Step): Results {
    const task = this.#task(step);
    const address = wordArgument(step, 'addr');
    this.#remote = BigInt.asUintN(64, this.#remote + 1n);
    const bytes = littleEndian(this.#remote, BYTES_8);
    const via = textArgument(step, 'via');
    // Only process_vm_writev respects pages that the task may not write.
    const fault = task.memory.firstFault(address, BYTES_8, via === 'vm_writev');
    const reached = fault === undefined ? BYTES_8 : Number(BigInt.asUintN(64, fault - address));
    task.memory.unshare(address, reached);
    const { directMap, pageSize } = this.#machine.layout;
    const stores = [...bytes.subarray(0, reached)].map((byte, i) => {
      const place = task.memory.translate(address + BigInt(i), false) ?? { frame: 0, offset: 0 };
      const alias = directMap + BigInt(place.frame * pageSize + place.offset);
      return {
        pc: 0xffff_ffff_8100_1000n,
        length: 4,
        accesses: [{ kind: 'write' as const, address: alias, size: 1, value: BigInt(byte) }],
      };
    });
    this.#machine.spawn(program(stores), { comm: 'record', mode: 'kernel', affinity: [1] });
    this.#machine.run(10_000);
    if (reached === BYTES_8) return { ret: 0 };
    // A write that stops half way is short, which the recorder calls -1 although no errno was set.
    if (reached > 0 && via !== 'pokedata') return { ret: -1, errno: '0' };
    return { ret: -1, errno: via === 'vm_writev' ? 'EFAULT' : 'EIO' };
  }
}
