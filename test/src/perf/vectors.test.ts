import { EVENT_TYPE, type Instruction, type KernelOptions, program, type SignalInfo, type Task } from '@hwbp/core';
import { PERF_TYPE_BREAKPOINT, type PerfFile } from '@hwbp/perf';
import { Ptrace } from '@hwbp/ptrace';
import test, { type ExecutionContext } from 'ava';
import { KUNIT_VECTORS } from '../accounting/kunit-vectors.js';
import type { Place, VectorRig } from '../accounting/support.js';
import { load, store, TEXT } from '../ptrace/support.js';
import { A, FORMAT, PerfRig, refused, variable, type Worker, words } from './support.js';

// --- 16.1: bp_signal ---

const SIGIO_HANDLER = 0x50_0000n;
const SIGUSR1_HANDLER = 0x51_0000n;

/** Runs the function of Linux's bp_signal test under three events; what happened, in its order. */
function bpSignal(options: Partial<KernelOptions>): { journal: string[]; counts: number[] } {
  const rig = new PerfRig({ cpus: 1, ...options });
  const journal: string[] = [];
  const increment = (n: bigint): Instruction => ({
    pc: TEXT + 4n * (n - 1n),
    length: 4,
    accesses: [{ kind: 'readwrite', address: A, size: 8, value: n }],
  });
  const task = rig.machine.spawn(program([increment(1n), increment(2n)]), { comm: 'bp_signal' });
  const handler = (name: string, pc: bigint) => (_info: SignalInfo) =>
    program(function* () {
      journal.push(`${name} at ${task.memory.readInteger(A, 8)}`);
      yield { pc, length: 4 };
      journal.push(`${name} done`);
    })();
  task.handlers.set('SIGIO', handler('SIGIO', SIGIO_HANDLER));
  task.handlers.set('SIGUSR1', handler('SIGUSR1', SIGUSR1_HANDLER));
  const open = (bp_type: number, bp_addr: bigint, signal: 'SIGIO' | 'SIGUSR1'): PerfFile => {
    const attr = { type: PERF_TYPE_BREAKPOINT, bp_type, bp_addr, bp_len: 8, sample_period: 1, exclude_kernel: true };
    const file = rig.perf.open(attr, { pid: task.pid });
    file.async({ owner: task, signal });
    return file;
  };
  const files = [open(4, TEXT, 'SIGIO'), open(4, SIGIO_HANDLER, 'SIGUSR1'), open(2, A, 'SIGIO')];
  rig.machine.run();
  return { journal, counts: rig.values(...files) };
}

test('bp_signal: an execute breakpoint on an increment, one on the signal’s handler, a watch of the variable: 1, 3 and 2 hits', (t) => {
  // The SIGIO handler is not entered until the breakpoint on its first instruction has brought SIGUSR1, nested.
  const round = (value: number) => [`SIGIO at ${value}`, `SIGUSR1 at ${value}`, 'SIGUSR1 done', 'SIGIO done'];
  for (const strict of [true, false]) {
    const { journal, counts } = bpSignal({ strict });
    t.deepEqual(counts, [1, 3, 2], 'the resume flag keeps the first from being hit again after its signal');
    t.deepEqual(journal, [...round(0), ...round(1), ...round(2)]);
  }
});

// --- 16.2: wp ---

test('wp: write-only counts writes; read-write counts both; read-only cannot be, on x86', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  t.is(refused(t, rig, () => rig.file(worker, { bp_type: 1 })).errno, 'EINVAL');
  const writes = rig.file(worker, { bp_type: 2 });
  const both = rig.file(worker, { bp_type: 3 });
  worker.run(load(A, 8));
  t.deepEqual(rig.values(writes, both), [0, 1]);
  worker.run(store(A, 8));
  t.deepEqual(rig.values(writes, both), [1, 2]);
});

test('wp modify: from 8 bytes to 2 of another variable, disabled; it counts there once it is enabled', (t) => {
  const [x, y] = [variable(0), variable(1)];
  const rig = new PerfRig();
  const worker = rig.worker();
  const file = rig.file(worker, { bp_addr: x });
  worker.run(store(x, 8));
  t.deepEqual(rig.values(file), [1]);
  file.modify({ ...file.attr, bp_addr: y, bp_len: 2, disabled: true });
  worker.run(store(y + 1n, 1));
  t.deepEqual(rig.values(file), [1]);
  file.enable();
  worker.run(store(y + 1n, 1));
  t.deepEqual(rig.values(file), [2]);
  worker.run(store(y + 2n, 1));
  t.deepEqual(rig.values(file), [2]);
});

// --- 16.5: the shape of perf bench breakpoint ---

const BENCH = { bp_type: 3, bp_len: 1, inherit: true };

test('bench breakpoint thread: creators make and join threads under inherited breakpoints; nothing is left, every access is counted', (t) => {
  const rig = new PerfRig();
  const main = rig.worker();
  const files = [0, 1, 2, 3].map((n) => rig.file(main, { ...BENCH, bp_addr: variable(n) }));
  const creators = [0, 1, 2].map(() => main.fork({ thread: true }));
  for (let round = 0; round < 5; round++) {
    for (const creator of creators) {
      const threads = [0, 1, 2, 3].map(() => creator.fork({ thread: true }));
      for (const thread of threads) thread.store(variable(round % 4));
      t.true(files.every(({ event }) => event.children.length === creators.length + threads.length));
      for (const thread of threads) thread.exit();
    }
  }
  for (const creator of creators) creator.exit();
  t.true(files.every(({ event }) => event.children.length === 0));
  t.is(rig.kernel.breakpoints.registered.length, 4);
  t.deepEqual(rig.values(...files), [24, 12, 12, 12]);
  for (const file of files) file.close();
  t.false(rig.kernel.breakpoints.isUsed);
  t.is(rig.events.all.size, 0);
});

test('bench breakpoint enable: disabled and enabled under passive and active threads', (t) => {
  const rig = new PerfRig();
  const main = rig.worker();
  const file = rig.file(main, BENCH);
  for (let n = 0; n < 3; n++) main.fork({ thread: true });
  const active = [0, 1].map(() => main.fork({ thread: true, spin: true }));
  let expected = 0;
  for (let round = 0; round < 20; round++) {
    file.disable();
    for (const thread of active) thread.store();
    t.deepEqual(rig.values(file), [expected]);
    file.enable();
    for (const thread of active) thread.store();
    expected += active.length;
    t.deepEqual(rig.values(file), [expected]);
  }
});

// --- 16.7: lifetime ---

test('lifetime: an event of a task that exits can be read to the end; enable and modify do nothing; its slot is kept until it is closed', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const files = [0, 1, 2, 3].map(() => rig.file(worker));
  const [file] = files;
  worker.store(A, 7);
  worker.exit();
  t.deepEqual(rig.values(...files), [7, 7, 7, 7]);
  file?.enable();
  file?.modify({ ...file.attr, bp_addr: variable(1) });
  t.deepEqual(rig.values(...files), [7, 7, 7, 7]);
  t.is(refused(t, rig, () => rig.file(0)).errno, 'ENOSPC');
  file?.close();
  t.notThrows(() => rig.file(0));
});

test('lifetime: a task’s event for CPU 1 while the task runs on CPU 0: enabled, not running; it counts after the migration', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const read_format = FORMAT.ENABLED | FORMAT.RUNNING;
  const file = rig.file(worker, { read_format }, { cpu: 1 });
  worker.store(A, 5);
  t.deepEqual(words(file.read()), [0, 5000, 0]);
  rig.machine.setAffinity(worker.task, [1]);
  worker.store(A, 5);
  t.deepEqual(words(file.read()), [5, 10_000, 5000]);
});

test('a task on CPU 0 stores twice: 2 for the task there, 0 for it on CPU 1, 2 for CPU 0', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker();
  const files = [rig.file(worker, {}, { cpu: 0 }), rig.file(worker, {}, { cpu: 1 }), rig.file(0), rig.file(1)];
  worker.store(A, 2);
  t.deepEqual(rig.values(...files), [2, 0, 2, 0]);
});

// --- 3.8: KUnit, and 3.9 ---

/** The verbs of the accounting vectors, with perf_event_open. */
class PerfVectorRig extends PerfRig implements VectorRig<PerfFile> {
  readonly #t: ExecutionContext;
  readonly #tasks: Readonly<Record<'cur' | 'oth', Worker>>;
  #next = 0;

  constructor(t: ExecutionContext) {
    super();
    this.#t = t;
    this.#tasks = { cur: this.worker(), oth: this.worker() };
  }

  on(place: Place): PerfFile {
    const attr = { bp_type: 3, bp_addr: variable(this.#next++), bp_len: 1 };
    const cpu = Number(place.at(-1));
    if (place.startsWith('CPU')) return this.file(cpu, attr);
    const task = place.startsWith('cur') ? this.#tasks.cur : this.#tasks.oth;
    return this.file(task, attr, place.endsWith('any') ? {} : { cpu });
  }

  fill(place: Place, count: number): PerfFile[] {
    return Array.from({ length: count }, () => this.on(place));
  }

  full(...places: readonly Place[]): void {
    for (const place of places) this.#t.is(refused(this.#t, this, () => this.on(place)).errno, 'ENOSPC', place);
  }

  remove(...files: readonly (PerfFile | undefined)[]): void {
    for (const file of files) file?.close();
  }
}

for (const [name, vector] of Object.entries(KUNIT_VECTORS)) {
  test(`KUnit vector ${name}, through perf_event_open`, (t) => {
    const rig = new PerfVectorRig(t);
    vector(rig, 4);
    for (const file of [...rig.perf.files.values()]) file.close();
    t.false(rig.kernel.breakpoints.isUsed);
  });
}

test('bp_account: 4 watches or 4 execute breakpoints on CPU 0 from one pool; in a full one a watch turns into the other', (t) => {
  const rig = new PerfRig();
  const count = (bp_type: number): number => {
    for (let n = 0; ; n++) {
      try {
        rig.file(0, { bp_type, bp_addr: variable(n) });
      } catch {
        t.is(refused(t, rig, () => rig.file(0, { bp_type })).errno, 'ENOSPC');
        return n;
      }
    }
  };
  t.is(count(4), 4);
  for (const file of [...rig.perf.files.values()]) file.close();
  t.is(count(2), 4);
  t.is(count(4), 0, 'shared');
  const [file] = rig.perf.files.values();
  t.notThrows(() => file?.modify({ ...file.attr, bp_type: 4 }));
  t.is(count(2), 0);
});

/** A debugger of a stopped task, and what it may still write into debug registers. */
function debuggerOf(rig: PerfRig, task: Task): (register: number, value: bigint) => string {
  const tracer = rig.kernel.get(Ptrace).tracer('debugger');
  tracer.attach(task);
  tracer.wait(task);
  return (register, value) => {
    try {
      tracer.pokeUser(task, tracer.debugOffset(register), value);
      return 'ok';
    } catch (error) {
      return (error as { errno: string }).errno;
    }
  };
}

test('ptrace fills the 4 slots of a task: perf on the task and on CPUs is ENOSPC; software events are not', (t) => {
  const rig = new PerfRig({ plugins: [Ptrace] });
  const worker = rig.worker();
  const poke = debuggerOf(rig, worker.task);
  for (let register = 0; register < 4; register++) t.is(poke(register, variable(register)), 'ok');
  t.is(refused(t, rig, () => rig.file(worker)).errno, 'ENOSPC');
  t.is(refused(t, rig, () => rig.file(0)).errno, 'ENOSPC');
  t.notThrows(() => rig.file(worker, { type: EVENT_TYPE.SOFTWARE, config: 9 }));
  t.notThrows(() => rig.file(rig.worker()), 'tasks are independent');
});

test('two events of a CPU leave every task’s debugger two registers', (t) => {
  const rig = new PerfRig({ plugins: [Ptrace] });
  const worker = rig.worker();
  for (let n = 0; n < 2; n++) rig.file(1);
  const poke = debuggerOf(rig, worker.task);
  t.deepEqual(
    [0, 1, 2].map((register) => poke(register, variable(register))),
    ['ok', 'ok', 'ENOSPC'],
  );
});
