import {
  composeKernel,
  type Hit,
  type Instruction,
  type Kernel,
  type KernelImage,
  type KernelOptions,
  type NamedFunction,
  program,
  resumeKernel,
} from '@hwbp/core';
import test from 'ava';
import { differences } from './differences.js';
import { DATA, nop, SUBJECTS, type Subject, store, TEXT, writes } from './support.js';

/** What handlers have seen. */
type Log = string[];

/** Functions of the kernel's text: they write into a log of the machine that they run on. */
function text(log: Log): Readonly<Record<string, NamedFunction>> {
  const onHit = ({ breakpoint, cpu, task, ip }: Hit): void => {
    log.push(
      `${breakpoint.owner} ${breakpoint.address} on ${cpu.index} at ${cpu.clock.now}: ${task?.pid} ${ip} ${breakpoint.register}`,
    );
  };
  const onSignal = (): ReturnType<ReturnType<typeof program>> =>
    program([nop(TEXT + 0x500n), store(DATA + 8n, TEXT + 0x504n)])();
  const write = program([store(DATA + 16n, TEXT + 0x600n)]);
  return { onHit, onSignal, write };
}

function options({ arch, scheduler }: Subject, code: Readonly<Record<string, NamedFunction>>): KernelOptions {
  return { arch: arch(), breakpointScheduler: scheduler(), cpus: 2, strict: true, quantum: 7, tick: 50_000, code };
}

/** A list long enough to be in the middle of. */
function busy(address: bigint, pc: bigint, call: Instruction): readonly Instruction[] {
  return Array.from({ length: 300 }, (_, at): Instruction => {
    const here = pc + BigInt(4 * (at % 40));
    if (at % 50 === 20) return { ...call, pc: here };
    return at % 11 === 3 ? store(address, here) : nop(here);
  });
}

/** JSON and back: what a file would do. */
const throughJson = (image: KernelImage): KernelImage => JSON.parse(JSON.stringify(image)) as KernelImage;

function begin(subject: Subject, log: Log): Kernel {
  const code = text(log);
  const kernel = composeKernel(options(subject, code));
  const { machine, breakpoints } = kernel;
  const call: Instruction = {
    pc: TEXT,
    length: 4,
    syscall: program([nop(TEXT + 0x700n), store(DATA + 24n, TEXT + 0x704n)]),
  };
  const named: Instruction = { pc: TEXT, length: 4, syscall: code.write as ReturnType<typeof program> };
  const a = machine.spawn(program(busy(DATA, TEXT, call)), { comm: 'a' });
  const b = machine.spawn(program(busy(DATA + 8n, TEXT + 0x200n, named)), { comm: 'b' });
  machine.fork(a, program(busy(DATA, TEXT, call)), { thread: true });
  b.handlers.set('SIGUSR1', code.onSignal as never);
  machine.sendSignal(b, { si_signo: 'SIGUSR1', si_code: 0 });
  const onHit = code.onHit as (hit: Hit) => void;
  breakpoints.registerUser(writes(DATA), onHit, a, { owner: 'of a' });
  if (breakpoints.manifest.slots.data > 1) breakpoints.registerWide(writes(DATA + 8n), onHit, { owner: 'wide' });
  return kernel;
}

for (const subject of SUBJECTS) {
  for (const at of [0, 1, 2, 30, 31, 100, 333, 555]) {
    test(`${subject.title}: a fresh machine goes on as the one that hibernated after ${at} instructions`, (t) => {
      const first: Log = [];
      const kernel = begin(subject, first);
      kernel.machine.run(at);
      const image = throughJson(kernel.hibernate());
      const before = first.length;
      const second: Log = [];
      const fresh = resumeKernel(options(subject, text(second)), image);
      kernel.resume();
      const kernels = [kernel, fresh];
      const [sooner, later] = kernels.map(({ machine }) => machine.run(200));
      t.deepEqual(sooner, later);
      t.deepEqual(second, first.slice(before));
      const [left, right] = kernels.map((one) => one.hibernate());
      t.deepEqual(differences(left, right), []);
      for (const one of kernels) one.resume();
      const [end, otherEnd] = kernels.map(({ machine }) => machine.run());
      t.deepEqual(end, otherEnd);
      t.deepEqual(second, first.slice(before));
      if (at === 0) t.true(second.length > 10, `${second.length}`);
    });
  }
}
