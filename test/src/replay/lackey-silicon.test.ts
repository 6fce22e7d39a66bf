import {
  CONDITION_FETCH,
  CONDITION_READ,
  CONDITION_WRITE,
  type Cpu,
  type DebugException,
  type DebugUnit,
  debugException,
  FILTER_READ,
  Hardware,
  Machine,
  RingLogger,
  WatchFilter,
} from '@hwbp/core';
import { LACKEY_ERRORS, LackeyError, LackeyReplay } from '@hwbp/lackey';
import test from 'ava';

const BEFORE = debugException('DSI', 'before');
const AFTER = debugException('#DB', 'after');
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * Silicon that faults before stores to 0x1000, loads from 0x2000 and the instruction at 0x500, and reports single
 * steps.
 */
class FaultingUnit implements DebugUnit {
  readonly filter = new WatchFilter();
  readonly pending = false;

  constructor() {
    this.filter.arm(0, CONDITION_WRITE, 0, 0x1000, 8);
    this.filter.arm(1, CONDITION_FETCH, 0, 0x500, 1);
    this.filter.arm(2, CONDITION_READ, 0, 0x2000, 8);
  }

  fetch(_hi: number, lo: number): DebugException | undefined {
    return lo === 0x500 ? BEFORE : undefined;
  }

  access(part: number, _hi: number, lo: number): DebugException | undefined {
    const armed = part === FILTER_READ ? 0x2000 : 0x1000;
    return lo >= armed && lo < armed + 8 ? BEFORE : undefined;
  }

  retire(state: { readonly singleStep: boolean }): DebugException | undefined {
    return state.singleStep ? AFTER : undefined;
  }

  move(): undefined {}
  discard(): void {}
  reset(): void {}
}

function machineWith(
  debug: (cpu: Cpu, exception: DebugException) => void,
  completed: (cpu: Cpu) => void = () => {},
  quantum = 100,
): Machine {
  const machine = new Machine({
    hardware: new Hardware({ cpus: 1, pageSize: 4096, byteOrder: 'little', createUnit: () => new FaultingUnit() }),
    memory: { pageSize: 4096, taskSize: 1n << 47n, directMap: 1n << 60n },
    logger: new RingLogger(),
    tick: 4_000_000,
    quantum,
  });
  machine.enterBy({
    trap(cpu, trap) {
      if (trap.kind === 'debug') debug(cpu, trap);
      else if (trap.kind === 'completed') completed(cpu);
    },
    systemCallExit() {},
    finish() {},
  });
  return machine;
}

const TRACE =
  'I  00000400,4\n L 00001000,4\n S 00000ff0,4\n S 00001004,4\nI  00000500,4\n S 00001000,8\nI  00000504,4\n S 00002000,4\nI  00000508,4\n M 00002004,4\n';

for (const size of [1, 5, 16, 1000]) {
  test(`silicon that faults before: the instruction executes again, as a whole; chunks of ${size}`, (t) => {
    const log: string[] = [];
    let steps = 0;
    const machine = machineWith(
      (cpu) => {
        log.push(`fault at ${cpu.pc.toString(16)}, step ${replay.steps}`);
        cpu.completeDisarmed({});
      },
      (cpu) => log.push(`completed ${cpu.pc.toString(16)}, then ${cpu.context.pc.toString(16)}`),
    );
    const replay = new LackeyReplay();
    const task = machine.spawn(() => replay);
    const bytes = encode(TRACE);
    for (let at = 0; at < bytes.length; at += size) {
      replay.feed(bytes.slice(at, at + size));
      machine.wake(task);
      steps += machine.run().instructions;
    }
    replay.end();
    machine.wake(task);
    steps += machine.run().instructions;
    t.deepEqual(log, [
      'fault at 400, step 1',
      'completed 400, then 500',
      'fault at 500, step 2',
      'completed 500, then 504',
      'fault at 508, step 4',
      'completed 508, then 50c',
    ]);
    t.is(steps, 4);
    t.is(machine.cpus[0]?.instructions, 4);
  });
}

test('single step: each instruction retires by itself', (t) => {
  const seen: string[] = [];
  const machine = machineWith((cpu, { timing }) => {
    if (timing === 'after') seen.push(cpu.context.pc.toString(16));
    else cpu.context.resume = true;
  });
  const replay = new LackeyReplay();
  const loop = 'I  00000400,4\nI  00000404,4\n L 00001000,4\nI  00000500,4\nI  00000504,1\n';
  replay.feed(encode(loop.repeat(50)));
  replay.end();
  machine.spawn(() => replay).context.singleStep = true;
  t.is(machine.run().reason, 'idle');
  t.is(seen.length, 200);
  t.deepEqual(seen.slice(0, 4), ['404', '500', '504', '400']);
  t.is(seen.at(-1), '505');
});

test('the clock counts retired instructions when a handler runs, and a budget is kept', (t) => {
  const times: number[] = [];
  const machine = machineWith((cpu) => {
    times.push(cpu.clock.now);
    cpu.completeDisarmed({});
  });
  const replay = new LackeyReplay();
  replay.feed(encode(`${'I  00000400,4\n'.repeat(10)}I  00000404,4\n S 00001000,4\n${'I  00000400,4\n'.repeat(10)}`));
  replay.end();
  const task = machine.spawn(() => replay);
  t.deepEqual(machine.run(4), { reason: 'budget', instructions: 4 });
  t.is(replay.steps, 4);
  t.is(task.context.pc, 0x400n);
  machine.run();
  t.deepEqual(times, [10_000]);
  t.is(machine.cpus[0]?.instructions, 21);
  t.is(task.context.pc, 0x404n);
});

test('states: starved until fed, done after the end; feeding after the end is misuse', (t) => {
  const machine = machineWith(() => {});
  const replay = new LackeyReplay();
  const task = machine.spawn(() => replay);
  t.is(replay.state, 'starved');
  t.is(machine.run().reason, 'starved');
  replay.feed(encode('I  0000'));
  t.is(replay.state, 'ready');
  machine.wake(task);
  t.is(machine.run().reason, 'starved');
  t.is(replay.state, 'starved');
  t.is(replay.steps, 0);
  replay.feed(encode('0400,4'));
  replay.end();
  machine.wake(task);
  t.is(machine.run().reason, 'idle');
  t.is(replay.state, 'done');
  t.is(replay.steps, 1);
  t.throws(() => replay.feed(encode('x')), { instanceOf: TypeError });
});

test('strict: the first line that is none of the four ends the replay, with its number and text', (t) => {
  for (const [text, line, shown] of [
    ['I  00000400,4\n\nI  00000404,4\n', 2, ''],
    ['==1== Lackey\nI  00000400,4\n', 1, '==1== Lackey'],
    [' L 00001000,4\nI  00000400,4\n', 1, ' L 00001000,4'],
    ['I  00000400,4\n L 00001000,4\n L zz,4', 3, ' L zz,4'],
    [`I  00000400,4\n${'y'.repeat(300)}\n`, 2, 'y'.repeat(80)],
  ] as const) {
    for (const size of [1, 1000]) {
      const machine = machineWith(() => {});
      const replay = new LackeyReplay({ strict: true });
      const task = machine.spawn(() => replay);
      const bytes = encode(text);
      const error = t.throws(
        () => {
          for (let at = 0; at < bytes.length; at += size) {
            replay.feed(bytes.slice(at, at + size));
            machine.wake(task);
            machine.run();
          }
          replay.end();
          machine.wake(task);
          machine.run();
        },
        { instanceOf: LackeyError },
      );
      t.is(error?.code, 'LACKEY_NOT_A_LINE');
      t.is(error?.line, line);
      t.is(error?.text, shown);
    }
  }
});

test('a trace whose one instruction never ends is refused instead of filling the memory', (t) => {
  const machine = machineWith(() => {});
  const replay = new LackeyReplay();
  const task = machine.spawn(() => replay);
  const accesses = encode(' L 00002000,4\n'.repeat(10_000));
  replay.feed(encode('I  00000400,4\n'));
  const error = t.throws(
    () => {
      for (let i = 0; i < 10; i++) {
        replay.feed(accesses);
        machine.wake(task);
        machine.run();
      }
    },
    { instanceOf: LackeyError, message: /more than 65536 accesses/ },
  );
  t.is(error?.code, 'LACKEY_TOO_MANY_ACCESSES');
});

test('the codes of lackey are API: this list changes only on purpose', (t) => {
  t.true(Object.isFrozen(LACKEY_ERRORS));
  t.deepEqual([...LACKEY_ERRORS], ['LACKEY_NOT_A_LINE', 'LACKEY_TOO_MANY_ACCESSES']);
});
