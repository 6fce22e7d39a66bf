import { x86 } from '@hwbp/arch-x86';
import { composeKernel, program, SI_CODES, type Task } from '@hwbp/core';
import { Ptrace } from '@hwbp/ptrace';
import test from 'ava';

const kernel = composeKernel({ arch: x86(), plugins: [Ptrace] });
const { machine, breakpoints } = kernel;
const nothing = program([]);
const info = { si_signo: 'SIGUSR1', si_code: SI_CODES.SI_USER } as const;
const kind = { name: 'frame', end() {} };
const watch = { bp_type: 2, bp_addr: 0x1000n, bp_len: 4 };
const REQUEST = {
  version: 1,
  trigger_type: 2,
  addr_mode: 0,
  condition_mode: 0,
  condition_value: 0n,
  addr: 0n,
  addr2: 0n,
};
const tracer = kernel.get(Ptrace).tracer();

/** Every method that takes a task. */
const METHODS: Readonly<Record<string, (task: Task) => unknown>> = {
  'machine.fork': (task) => machine.fork(task, nothing),
  'machine.exec': (task) => machine.exec(task, nothing),
  'machine.exit': (task) => machine.exit(task),
  'machine.exitGroup': (task) => machine.exitGroup(task),
  'machine.rename': (task) => machine.rename(task, 'other'),
  'machine.push': (task) => machine.push(task, nothing, kind),
  'machine.setAffinity': (task) => machine.setAffinity(task, [0]),
  'machine.wake': (task) => machine.wake(task),
  'machine.halt': (task) => machine.halt(task),
  'machine.sendSignal': (task) => machine.sendSignal(task, info),
  'machine.deliverSignal': (task) => machine.deliverSignal(task, info),
  'machine.signalPageFault': (task) => machine.signalPageFault(task, 0x1000n),
  'machine.memoryAt': (task) => machine.memoryAt(task, 0x1000n),
  'breakpoints.registerUser': (task) => breakpoints.registerUser(watch, () => {}, task),
  'ptrace.tracerOf': (task) => kernel.get(Ptrace).tracerOf(task),
  attach: (task) => tracer.attach(task),
  seize: (task) => tracer.seize(task),
  setOptions: (task) => tracer.setOptions(task, {}),
  detach: (task) => tracer.detach(task),
  cont: (task) => tracer.cont(task),
  singleStep: (task) => tracer.singleStep(task),
  kill: (task) => tracer.kill(task),
  wait: (task) => tracer.wait(task),
  poll: (task) => tracer.poll(task),
  getSigInfo: (task) => tracer.getSigInfo(task),
  peekUser: (task) => tracer.peekUser(task, 0),
  pokeUser: (task) => tracer.pokeUser(task, 0, 0n),
  getDebugReg: (task) => tracer.getDebugReg(task, 0),
  setDebugReg: (task) => tracer.setDebugReg(task, 0, 0n),
  getHwDebugInfo: (task) => tracer.getHwDebugInfo(task),
  setHwDebug: (task) => tracer.setHwDebug(task, REQUEST),
  delHwDebug: (task) => tracer.delHwDebug(task, 1),
  getRegs: (task) => tracer.getRegs(task),
  setRegs: (task) => tracer.setRegs(task, {}),
  peekData: (task) => tracer.peekData(task, 0x1000n),
  pokeData: (task) => tracer.pokeData(task, 0x1000n, new Uint8Array(1)),
};

for (const [name, call] of Object.entries(METHODS)) {
  test(`${name}: a pid, or another object, for a task is a TypeError that names the argument`, (t) => {
    const task = machine.spawn(nothing, { run: false });
    const message = /(task|parent) is a task/;
    for (const wrong of [task.pid, String(task.pid), null, { pid: task.pid }]) {
      t.throws(() => call(wrong as unknown as Task), { instanceOf: TypeError, message }, String(wrong));
    }
    t.true(task.alive);
    machine.exit(task);
  });
}
