import {
  BREAKPOINT_SCHEDULER,
  type Breakpoint,
  composeKernel,
  type Hit,
  type HwBreakpointAttr,
  type Instruction,
  type Kernel,
  KernelError,
  type KernelImage,
  type KernelOptions,
  priorities,
  program,
  resumeKernel,
  USER_DEBUG_REGISTERS,
} from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { Kwatch, type Watch } from '@hwbp/kwatch';
import { Ptrace, type Tracer } from '@hwbp/ptrace';
import test from 'ava';
import fc from 'fast-check';
import { differences } from '../power/differences.js';
import { DATA, nop, SUBJECTS, type Subject, store, TEXT } from '../power/support.js';
import { check } from './support/check.js';

/** Kernel variables that the tracer watches. */
const KERNEL = 0xffff_8880_0000_1000n;
const ADDRESSES = [DATA, DATA + 8n, DATA + 64n] as const;
const SYMBOLS = [{ name: 'counter', address: KERNEL, size: 8 }];

/** A kernel, what its handlers have seen, and what somebody outside of it holds. */
interface World {
  readonly kernel: Kernel;
  readonly functions: ReturnType<typeof text>;
  readonly log: string[];
}

function text(log: string[]) {
  const tell = (what: string, { breakpoint, cpu, task, ip }: Hit): void => {
    const { owner, address, register, hits } = breakpoint;
    log.push(`${what} ${owner} ${address} ${register} ${hits} ${cpu.index} ${cpu.clock.now} ${task?.pid} ${ip}`);
  };
  return {
    onHit: (hit: Hit) => tell('hit', hit),
    triggered: (watch: Watch, hit: Hit) => tell(`watch ${watch.priority} ${watch.hits}`, hit),
    installed: (watch: Watch) => log.push(`installed ${watch.address} ${watch.priority}`),
    uninstalled: (watch: Watch) => log.push(`uninstalled ${watch.address} ${watch.priority}`),
  };
}

interface Make {
  readonly subject: Subject;
  readonly kwatch: boolean;
}

/** The fakes have no debug registers that a debugger could write. */
const traces = ({ title }: Subject): boolean => !title.startsWith('fake');

function options({ subject, kwatch }: Make, code: World['functions']): KernelOptions {
  return {
    arch: subject.arch(),
    breakpointScheduler: subject.scheduler(),
    ...(kwatch ? { slotPolicy: priorities() } : {}),
    plugins: [KsymTracer, ...(kwatch ? [Kwatch] : []), ...(traces(subject) ? [Ptrace] : [])],
    symbols: SYMBOLS,
    cpus: 3,
    strict: true,
    quantum: 5,
    tick: 20_000,
    code,
  };
}

/** Long enough not to end: stores to watched addresses, to a kernel variable in system calls, and steps in between. */
function code(seed: number): readonly Instruction[] {
  const call = program([nop(TEXT + 0x800n), store(KERNEL, TEXT + 0x804n)]);
  return Array.from({ length: 700 }, (_, at): Instruction => {
    const pc = TEXT + BigInt(4 * ((at * 7 + seed) % 64));
    if ((at + seed) % 23 === 0) return { pc, length: 4, syscall: call };
    return (at + seed) % 5 === 0 ? store(ADDRESSES[(at + seed) % 3], pc) : nop(pc);
  });
}

type Op = readonly [what: string, a: number, b: number];

/** What a kernel refuses it refuses alike before and after. */
function attempt(log: string[], action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    log.push(`refused ${error.code}`);
  }
}

const picked = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(1, list.length)];

/** The debugger, where there is one. */
function tracerOf(kernel: Kernel): Tracer | undefined {
  const traced = kernel.describe().plugins.some(({ name }) => name === 'ptrace');
  return traced ? kernel.get(Ptrace).tracers[0] : undefined;
}

/** Does the same to kernels that are alike: what it works on is found in the kernel. */
function perform({ kernel, log, functions }: World, [what, a, b]: Op): void {
  const { machine, breakpoints } = kernel;
  const { onHit, triggered, installed, uninstalled } = functions;
  const task = picked([...machine.tasks.values()], a);
  if (task === undefined) return;
  const attr: HwBreakpointAttr = { bp_type: 2, bp_addr: picked(ADDRESSES, b) ?? DATA, bp_len: 8 };
  // In an order that two kernels share.
  const order = kernel.get(BREAKPOINT_SCHEDULER).image?.order() ?? [];
  const own = order.map(({ view }) => view).filter(({ owner }) => owner === 'own');
  const tracer = tracerOf(kernel);
  attempt(log, () => {
    switch (what) {
      case 'run':
        machine.run(a * 7 + b);
        break;
      case 'user':
        breakpoints.registerUser(attr, onHit, task, { owner: 'own', delivery: b % 2 === 0 ? 'after' : 'silicon' });
        break;
      case 'cpu':
        breakpoints.registerCpu(attr, onHit, a % 3, { owner: 'own' });
        break;
      case 'wide':
        breakpoints.registerWide(attr, onHit, { owner: 'wide' });
        break;
      case 'disable':
        if (own.length > 0) breakpoints.disable(picked(own, a) as Breakpoint);
        break;
      case 'enable':
        if (own.length > 0) breakpoints.enable(picked(own, a) as Breakpoint);
        break;
      case 'modify':
        if (own.length > 0) breakpoints.modify(picked(own, a) as Breakpoint, { bp_addr: attr.bp_addr });
        break;
      case 'drop':
        breakpoints.unregister(picked(own, a));
        break;
      case 'debugger':
        kernel
          .facet(USER_DEBUG_REGISTERS)
          ?.write(task, 0, attr.bp_addr | (breakpoints.manifest.name === 'x86' ? 0n : 6n));
        if (breakpoints.manifest.name === 'x86') kernel.facet(USER_DEBUG_REGISTERS)?.write(task, 7, 0x9_0001n);
        break;
      case 'trace':
        kernel.get(KsymTracer).files.write('current_tracer', 'ksym_tracer');
        kernel.get(KsymTracer).files.write('ksym_trace_filter', b % 2 === 0 ? 'counter:-w-' : 'counter:rw-');
        break;
      case 'watch':
        kernel.get(Kwatch).registerKernel({
          address: attr.bp_addr,
          length: 8,
          type: 2,
          priority: b % 5,
          triggered,
          installed,
          uninstalled,
        });
        break;
      case 'userwatch':
        kernel
          .get(Kwatch)
          .registerUser(task, { address: attr.bp_addr, length: 8, type: 2, priority: b % 5, triggered });
        break;
      case 'unwatch':
        kernel.get(Kwatch).unregister(picked(kernel.get(Kwatch).watches, a));
        break;
      case 'attach':
        if (b % 2 === 0) tracer?.attach(task);
        else tracer?.seize(task, { traceFork: true, traceExit: b % 3 === 0 });
        break;
      case 'poll': {
        const status = tracer?.poll();
        if (status !== undefined)
          log.push(JSON.stringify({ ...status, task: status.task.pid }, (_, one) => String(one)));
        break;
      }
      case 'cont':
        tracer?.[(['cont', 'singleStep', 'syscall', 'sysemu'] as const)[b % 4] ?? 'cont'](task);
        break;
      case 'detach':
        tracer?.detach(task);
        break;
      case 'offline':
        machine.setOnline((a % 2) + 1, false);
        break;
      case 'online':
        machine.setOnline((a % 2) + 1, true);
        break;
      case 'signal':
        machine.sendSignal(task, { si_signo: 'SIGUSR2', si_code: 0, si_addr: attr.bp_addr });
        break;
      case 'stop':
        machine.halt(task);
        break;
      case 'wake':
        machine.wake(task);
    }
  });
}

const WHATS = ['run', 'run', 'run', 'user', 'cpu', 'wide', 'disable', 'enable', 'modify', 'drop', 'debugger', 'trace'];
const KWATCHES = ['watch', 'userwatch', 'unwatch'];
const MACHINES = ['offline', 'online', 'signal', 'stop', 'wake'];
const TRACES = ['attach', 'attach', 'poll', 'poll', 'cont', 'cont', 'detach'];

const opsOf = ({ kwatch, subject }: Make): fc.Arbitrary<Op[]> =>
  fc.array(
    fc.tuple(
      fc.constantFrom(...WHATS, ...MACHINES, ...(kwatch ? KWATCHES : []), ...(traces(subject) ? TRACES : [])),
      fc.nat({ max: 30 }),
      fc.nat({ max: 30 }),
    ),
    { minLength: 4, maxLength: 14 },
  );

/** What a dead task's breakpoints hold is nobody's to write down. */
function bury({ kernel }: World): void {
  const { breakpoints } = kernel;
  for (const one of breakpoints.registered) if (one.task?.alive === false) breakpoints.unregister(one);
  // Nobody can write down what a debugger has yet to hear of the dead, or what a task has left to do.
  const tracer = tracerOf(kernel);
  for (let told = tracer?.poll(); told !== undefined; told = tracer?.poll());
}

/** An image, of what is left once the dead are buried if need be; `undefined`: something has to go on first. */
function imageOf(world: World): KernelImage | undefined {
  for (const help of [() => bury(world), () => world.kernel.machine.run(20), undefined]) {
    try {
      return world.kernel.hibernate();
    } catch (error) {
      if (!(error instanceof KernelError) || error.code !== 'IMAGE_NOT_WRITABLE') throw error;
      world.log.push(error.message);
      help?.();
    }
  }
  return undefined;
}

function begin(make: Make): World {
  const log: string[] = [];
  const functions = text(log);
  const kernel = composeKernel(options(make, functions));
  const { machine } = kernel;
  machine.kernelMemory.map(KERNEL, 8);
  for (const seed of [0, 3, 9]) {
    const task = machine.spawn(program(code(seed)), { comm: `t${seed}`, pid: 10 + seed });
    task.handlers.set('SIGUSR2', 'ignore');
  }
  if (traces(make.subject)) kernel.get(Ptrace).tracer('gdb');
  return { kernel, log, functions };
}

/** Out of a kernel, through a file, into a fresh one. */
function moved(make: Make, image: KernelImage): World {
  const log: string[] = [];
  const functions = text(log);
  const written = JSON.parse(JSON.stringify(image)) as KernelImage;
  return { kernel: resumeKernel(options(make, functions), written), log, functions };
}

for (const subject of SUBJECTS) {
  for (const kwatch of [false, true]) {
    const title = `${subject.title}${kwatch ? ', priorities' : ''}`;
    test(`${title}: what happens after a hibernation is what would have happened`, (t) => {
      const make = { subject, kwatch };
      check(
        t,
        fc.property(opsOf(make), opsOf(make), (before, after) => {
          const first = begin(make);
          for (const op of before) perform(first, op);
          const image = imageOf(first);
          if (image === undefined) return;
          const second = moved(make, image);
          first.kernel.resume();
          first.log.length = 0;
          for (const op of after) {
            for (const world of [first, second]) perform(world, op);
            if (first.log.join('\n') !== second.log.join('\n')) {
              throw new Error(
                `after ${op}: ${JSON.stringify(first.log.slice(-3))} and ${JSON.stringify(second.log.slice(-3))}`,
              );
            }
          }
          const [left, right] = [first, second].map(imageOf);
          const found = [...differences(left, right), ...differences(first.log, second.log)];
          if (found.length > 0) throw new Error(found.slice(0, 6).join('\n'));
          for (const { kernel } of [first, second]) kernel.dispose();
        }),
        10,
      );
    });
  }
}
