import { ERRNO, program } from '@hwbp/core';
import { PTRACE_ERRORS, type Tracer } from '@hwbp/ptrace';
import test from './schedulers.js';
import { A, type Debuggee, debuggee, debuggeeIn, nop, ptraceKernel, refusal } from './support.js';

test('the codes are API: the list of them is pinned, with the errnos that Linux answers', (t) => {
  t.true(Object.isFrozen(PTRACE_ERRORS));
  t.deepEqual(
    { ...PTRACE_ERRORS },
    {
      PTRACE_NOT_STOPPED: 'ESRCH',
      PTRACE_GONE: 'EPERM',
      PTRACE_ALREADY_TRACED: 'EPERM',
      PTRACE_KERNEL_THREAD: 'EPERM',
      PTRACE_STOPPED: 'ENODEV',
      PTRACE_CLOSED: 'ESRCH',
      PTRACE_BAD_OFFSET: 'EIO',
      PTRACE_BAD_ADDRESS: 'EIO',
      PTRACE_BAD_REGISTER: 'EIO',
      PTRACE_NO_REQUEST: 'EIO',
      PTRACE_BAD_SET: 'EINVAL',
      PTRACE_NOT_SEIZED: 'EIO',
      PTRACE_NO_EVENT_STOP: 'EIO',
      PTRACE_NO_SIGINFO: 'EINVAL',
    },
  );
  for (const errno of Object.values(PTRACE_ERRORS)) t.true(errno in ERRNO);
});

/** Every request that needs a tracee that is stopped. */
const NEED_A_STOP: Readonly<Record<string, (tracer: Tracer, d: Debuggee) => unknown>> = {
  detach: (tracer, { task }) => tracer.detach(task),
  setOptions: (tracer, { task }) => tracer.setOptions(task, {}),
  cont: (tracer, { task }) => tracer.cont(task),
  singleStep: (tracer, { task }) => tracer.singleStep(task),
  getSigInfo: (tracer, { task }) => tracer.getSigInfo(task),
  peekUser: (tracer, { task }) => tracer.peekUser(task, 0),
  pokeUser: (tracer, { task }) => tracer.pokeUser(task, 0, 0n),
  getRegs: (tracer, { task }) => tracer.getRegs(task),
  setRegs: (tracer, { task }) => tracer.setRegs(task, { rax: 1n }),
  peekData: (tracer, { task }) => tracer.peekData(task, A),
  pokeData: (tracer, { task }) => tracer.pokeData(task, A, Uint8Array.of(1)),
};

for (const [name, request] of Object.entries(NEED_A_STOP)) {
  test(`${name}: ESRCH for somebody else's tracee, one that runs, one that was let go and one that has ended`, (t) => {
    const d = debuggee();
    const other = debuggeeIn(d.kernel);
    const errors = [refusal(t, () => request(other.tracer, d))];
    t.notThrows(() => request(d.tracer, d), 'while it is stopped it works');

    const running = debuggee();
    running.queue(nop);
    running.tracer.cont(running.task);
    errors.push(refusal(t, () => request(running.tracer, running)));
    t.regex(errors[1]?.message ?? '', /is running; wait for its next stop/);
    running.wait();
    t.notThrows(() => request(running.tracer, running));

    const released = debuggee();
    released.tracer.detach(released.task);
    errors.push(refusal(t, () => request(released.tracer, released)));

    const dead = debuggee();
    dead.tracer.kill(dead.task);
    errors.push(refusal(t, () => request(dead.tracer, dead)));

    t.deepEqual(
      errors.map(({ code, errno }) => `${code} ${errno}`),
      new Array(4).fill('PTRACE_NOT_STOPPED ESRCH'),
    );
  });
}

test('kill: works on a tracee that runs; ESRCH for one that is none or has ended', (t) => {
  const d = debuggee();
  const other = debuggeeIn(d.kernel);
  t.like(
    refusal(t, () => other.tracer.kill(d.task)),
    { code: 'PTRACE_NOT_STOPPED', errno: 'ESRCH' },
  );
  t.true(d.task.alive);
  d.tracer.cont(d.task);
  d.tracer.kill(d.task);
  t.deepEqual(d.tracer.wait(d.task), { kind: 'killed', task: d.task, signal: 'SIGKILL' });
  t.like(
    refusal(t, () => d.tracer.kill(d.task)),
    { code: 'PTRACE_NOT_STOPPED' },
  );
});

for (const request of ['attach', 'seize'] as const) {
  test(`${request}: EPERM for a task that somebody traces, oneself included, and for one that has exited`, (t) => {
    const d = debuggee();
    const other = debuggeeIn(d.kernel);
    for (const tracer of [d.tracer, other.tracer]) {
      const error = refusal(t, () => tracer[request](d.task));
      t.like(error, { code: 'PTRACE_ALREADY_TRACED', errno: 'EPERM', errnum: 1, details: { pid: d.task.pid } });
      t.true(error.message.includes(d.tracer.name), error.message);
    }
    t.deepEqual(d.tracer.tracees, [d.task]);

    const gone = d.kernel.machine.spawn(program([]));
    d.kernel.machine.run();
    t.false(gone.alive);
    t.like(
      refusal(t, () => other.tracer[request](gone)),
      { code: 'PTRACE_GONE', errno: 'EPERM' },
    );
    t.deepEqual(other.tracer.tracees, [other.task]);
  });
}

test('getSigInfo: SIGTRAP with the event at an event, EINVAL in a group stop (as Linux 6.18 answers)', (t) => {
  const d = debuggee({ trace: { traceExec: true } });
  d.queue({
    // biome-ignore lint/correctness/useYield: it executes no instruction of its own
    syscall: program(function* () {
      d.kernel.machine.exec(d.task, program([]));
    }),
  });
  d.tracer.cont(d.task);
  t.like(d.tracer.wait(d.task), { kind: 'event', event: 'exec' });
  t.like(d.tracer.getSigInfo(d.task), { si_signo: 'SIGTRAP', si_code: 0x405 });
  const stopped = debuggee();
  stopped.tracer.cont(stopped.task, 'SIGSTOP');
  stopped.tracer.wait(stopped.task);
  t.like(
    refusal(t, () => stopped.tracer.getSigInfo(stopped.task)),
    { code: 'PTRACE_NO_SIGINFO', errno: 'EINVAL' },
  );
});

test('setRegs: EIO for a name that is no register, and then nothing is written', (t) => {
  const d = debuggee();
  const before = d.tracer.getRegs(d.task);
  const error = refusal(t, () => d.tracer.setRegs(d.task, { rax: 7n, eax: 8n }));
  t.like(error, { code: 'PTRACE_BAD_REGISTER', errno: 'EIO', details: { name: 'eax' } });
  t.true(error.message.includes('rax'), 'it says which there are');
  t.deepEqual(d.tracer.getRegs(d.task), before);
});

test('peekData, pokeData: EIO where nothing is mapped, and all bytes or none', (t) => {
  const kernel = ptraceKernel();
  const d = debuggeeIn(kernel);
  const task = kernel.machine.spawn(program([]), { demandZero: false, run: false });
  d.tracer.attach(task);
  task.memory.map(0x1000n, 0x1000, { permissions: { read: true, write: true } });
  for (const action of [
    () => d.tracer.peekData(task, 0x3000n),
    () => d.tracer.peekData(task, 0x1ffcn, 8),
    () => d.tracer.pokeData(task, 0x1ffcn, new Uint8Array(8).fill(1)),
  ]) {
    const error = refusal(t, action);
    t.like(error, { code: 'PTRACE_BAD_ADDRESS', errno: 'EIO' });
    t.regex(error.message, /^EIO: task \S+: (?:load from|store to) 0x[23]000: no page is mapped there$/);
  }
  t.deepEqual([...d.tracer.peekData(task, 0x1ffcn, 4)], [0, 0, 0, 0]);
});

test('a kernel thread cannot be traced: EPERM', (t) => {
  const { kernel, tracer } = debuggee();
  const thread = kernel.machine.spawn(program([]), { mode: 'kernel', comm: 'kworker' });
  const { code, message } = refusal(t, () => tracer.attach(thread));
  t.is(code, 'PTRACE_KERNEL_THREAD');
  t.regex(message, /kworker/);
});

test('a tracer that was closed traces nobody: ESRCH', (t) => {
  const { tracer, task } = debuggee();
  tracer.close();
  t.is(refusal(t, () => tracer.attach(task)).code, 'PTRACE_CLOSED');
});

test('wait without a tracee answers at once, and does not run the machine', (t) => {
  const { kernel, tracer } = debuggee();
  const before = kernel.machine.cpus.map(({ instructions }) => instructions);
  tracer.detach(tracer.tracees[0] ?? t.fail());
  t.is(tracer.wait(), undefined);
  t.deepEqual(
    kernel.machine.cpus.map(({ instructions }) => instructions),
    before,
  );
});

test('a debugger writes pages that its tracee may only read', (t) => {
  const { tracer, task } = debuggee();
  const text = 0x7000_0000n;
  task.memory.map(text, 8, { permissions: { read: true, write: false } });
  tracer.pokeData(task, text, Uint8Array.of(0xcc));
  t.deepEqual([...tracer.peekData(task, text, 2)], [0xcc, 0]);
});

test('a debugger reads and writes pages that its tracee may not touch at all; what is said of others is true', (t) => {
  const { tracer, task } = debuggee();
  const page = 0x7000_0000n;
  task.memory.map(page, 8, { permissions: { read: false, write: false } });
  tracer.pokeData(task, page, Uint8Array.of(1, 2));
  t.deepEqual([...tracer.peekData(task, page, 3)], [1, 2, 0]);
  t.throws(() => task.memory.read(page, 1), { message: /load from 0x70000000: the page there may not be read$/ });
  t.throws(() => task.memory.write(page, Uint8Array.of(1)), { message: /the page there may not be written$/ });
});
