import { x86 } from '@hwbp/arch-x86';
import { composeKernel, type Kernel, program, SI_CODES, type Task } from '@hwbp/core';
import { Kvm } from '@hwbp/kvm';
import test from 'ava';
import { DATA, nop, nops, pair, store, stores, TEXT, writes } from './support.js';

const access = (kind: 'read' | 'write', port: bigint, value = 0n) =>
  ({ pc: TEXT, length: 2, accesses: [{ kind, address: port, size: 1, value, space: 'port' }] }) as const;

test('a virtual CPU is a task of the host: it shares its CPU with others by ticks', (t) => {
  using p = pair({ host: { tick: 50_000 } });
  const order: string[] = [];
  const { contextSwitch } = p.host.machine.hooks;
  contextSwitch.add((_cpu, _previous, next) => void order.push(next?.comm ?? '-'));
  p.guest.machine.spawn(nops(200));
  p.host.machine.spawn(nops(200), { comm: 'other' });
  p.host.machine.run();
  t.is(p.guest.machine.count, 200);
  t.true(order.filter((comm) => comm === 'vm0/0').length > 2, order.join(' '));
  t.true(order.filter((comm) => comm === 'other').length > 2, order.join(' '));
});

test('it moves to another CPU, and its watches come along', (t) => {
  using p = pair({ host: { cpus: 2 }, vm: { affinity: [0] } });
  const hits: number[] = [];
  const task = p.guest.machine.spawn(stores(40));
  const [vcpu] = p.vm.vcpus;
  p.guest.breakpoints.registerUser(writes(), () => void hits.push(p.host.machine.tasks.get(1)?.cpu ?? -1), task);
  p.host.machine.run(60);
  t.is(vcpu?.physical?.index ?? 0, 0);
  const [runner] = p.vm.tasks;
  if (runner === undefined) return t.fail('no task');
  p.host.machine.setAffinity(runner, [1]);
  p.host.machine.run();
  t.is(hits.length, 40);
  t.deepEqual(new Set(hits), new Set([0, 1]));
  for (const cpu of p.host.machine.cpus) t.is(cpu.unit.filter.ranges.length, 0);
});

test('a signal brings it out of KVM_RUN, and is delivered', (t) => {
  using p = pair();
  p.guest.machine.spawn(nops(1000));
  p.host.machine.run(100);
  const [runner] = p.vm.tasks;
  const [vcpu] = p.vm.vcpus;
  if (runner === undefined) return t.fail('no task');
  let handled = 0;
  runner.handlers.set('SIGUSR1', () => {
    handled++;
    return program([nop()])();
  });
  p.host.machine.sendSignal(runner, { si_signo: 'SIGUSR1', si_code: 0 });
  p.host.machine.run();
  t.is(handled, 1);
  t.is(p.guest.machine.count, 1000);
  t.false(vcpu?.entered);
  p.host.machine.sendSignal(runner, { si_signo: 'SIGKILL', si_code: 0 });
  t.false(runner.alive);
});

test("a guest's time is its host's: it goes on while others run there, and never back on another CPU", (t) => {
  using p = pair({ host: { cpus: 2, tick: 50_000 }, vm: { affinity: [0] } });
  const times: number[] = [];
  const clock = p.guest.machine.cpu(0).clock;
  p.guest.machine.spawn(
    program(function* () {
      for (let i = 0; i < 300; i++) {
        times.push(clock.now);
        yield nop();
      }
    }),
  );
  p.host.machine.spawn(nops(300), { affinity: [0] });
  p.host.machine.run(400);
  const [runner] = p.vm.tasks;
  if (runner !== undefined) p.host.machine.setAffinity(runner, [1]);
  p.host.machine.run();
  t.is(times.length, 300);
  const steps = times.slice(1).map((time, i) => time - (times[i] as number));
  t.true(steps.every((step) => step >= 0));
  t.true(Math.max(...steps) > 20_000, 'what was stolen shows');
});

test('ports: a device of the guest answers inside the kernel; what nobody answers leaves, and reads as all ones', (t) => {
  const seen: string[] = [];
  using p = pair({
    vm: {
      exit: (exit) => {
        if (exit.reason !== 'io') return undefined;
        seen.push(`${exit.direction} ${exit.port} ${exit.value}`);
        return exit.direction === 'in' && exit.port === 0x60 ? 0x5an : undefined;
      },
    },
  });
  const written: bigint[] = [];
  p.vm.hardware.bus.attach(0x3f8, 1, { read: () => 0x42n, write: (_port, _size, value) => void written.push(value) });
  const loaded: bigint[] = [];
  p.guest.machine.spawn(
    program(function* () {
      loaded.push(...(yield access('read', 0x3f8n)));
      yield access('write', 0x3f8n, 7n);
      loaded.push(...(yield access('read', 0x60n)));
      loaded.push(...(yield access('read', 0x61n)));
      yield access('write', 0x80n, 9n);
    }),
  );
  p.host.machine.run();
  t.deepEqual(loaded, [0x42n, 0x5an, 0xffn]);
  t.deepEqual(written, [7n]);
  t.deepEqual(seen, ['in 96 0', 'in 97 0', 'out 128 9']);
});

test('memory that is not there: loads and stores leave with their physical address', (t) => {
  const seen: string[] = [];
  using p = pair({
    vm: {
      memory: { frames: 0x1000 },
      exit: (exit) => {
        if (exit.reason === 'mmio') seen.push(`${exit.direction} ${exit.address.toString(16)} ${exit.size}`);
        return 0x1234n;
      },
    },
  });
  const loaded: bigint[] = [];
  const task = p.guest.machine.spawn(
    program(function* () {
      loaded.push(...(yield { pc: TEXT, length: 4, accesses: [{ kind: 'read', address: DATA + 8n, size: 2 }] }));
      yield store(DATA + 16n);
      loaded.push(
        ...(yield { pc: TEXT, length: 4, accesses: [{ kind: 'readwrite', address: DATA + 8n, size: 2, value: 1n }] }),
      );
    }),
  );
  task.memory.map(DATA, 4096, { frames: [0x2000] });
  let hits = 0;
  p.guest.breakpoints.registerUser(writes(DATA + 16n), () => void hits++, task);
  p.host.machine.run();
  t.deepEqual(loaded, [0x1234n, 0x1234n]);
  t.deepEqual(seen, ['read 2000008 2', 'write 2000010 8', 'read 2000008 2', 'write 2000008 2']);
  t.is(hits, 0, 'what the hypervisor does is not seen by debug registers');
});

test('it sleeps while its kernel has nothing to do, and an interrupt, or a task, wakes it', (t) => {
  using p = pair({ host: { cpus: 2 }, vm: { affinity: [0] } });
  const lines: number[] = [];
  p.guest.machine.hooks.interrupt.add((_cpu, line) => void lines.push(line));
  t.is(p.host.machine.run().reason, 'idle');
  t.true(p.vm.vcpus[0]?.asleep);
  p.guest.machine.cpu(0).interrupts.raise(5);
  p.host.machine.run();
  t.deepEqual(lines, [5]);
  p.guest.machine.spawn(nops(10));
  p.host.machine.run();
  t.is(p.guest.machine.count, 10);
});

test('an alarm of the guest wakes it, when the time of its CPU has come', (t) => {
  using p = pair();
  const ticks: number[] = [];
  p.guest.machine.hooks.tick.add((cpu) => void ticks.push(cpu.clock.now));
  p.host.machine.spawn(nops(20_000));
  p.host.machine.run();
  // At the tick behind each: its task waits for its turn.
  t.true(ticks.length >= 3, ticks.join(' '));
});

test('an alarm of the guest comes, though the CPU that it sleeps on goes offline', (t) => {
  using p = pair({ host: { cpus: 2 }, vm: { affinity: [1] } });
  p.host.machine.run();
  const { alarms, clock } = p.guest.machine.cpu(0);
  const times: number[] = [];
  alarms.set(alarms.create({ expired: () => times.push(clock.now) }), clock.now + 500_000);
  p.host.machine.run();
  t.true(p.vm.vcpus[0]?.asleep);
  p.host.machine.setOnline(1, false);
  p.host.machine.spawn(nops(2000));
  p.host.machine.run();
  t.is(times.length, 1);
});

test('an instruction that waits for an interrupt comes back as hlt', (t) => {
  const exits: string[] = [];
  using p = pair({ vm: { exit: ({ reason }) => void exits.push(reason) } });
  p.guest.machine.spawn(program([nop(), { pc: TEXT + 1n, length: 1, operation: 'halt' }, nop(TEXT + 2n)]));
  p.host.machine.run();
  t.deepEqual(exits, ['hlt']);
  t.is(p.guest.machine.count, 3);
});

test('a guest that cannot go on comes back as shutdown, and its task ends', (t) => {
  const exits: string[] = [];
  using p = pair({ vm: { exit: ({ reason }) => void exits.push(reason) } });
  p.guest.machine.spawn(program([nop(), { pc: TEXT + 1n, length: 1, operation: 'shutdown' }, nop(TEXT + 2n)]));
  p.host.machine.run();
  t.is(p.vm.vcpus[0]?.exit?.reason, 'shutdown');
  t.false(p.vm.tasks[0]?.alive);
});

test('whoever wants to interrupt comes back when the guest can be interrupted: not in a shadow, nor where its owner says no', (t) => {
  const host = composeKernel({ arch: x86(), plugins: [Kvm] });
  const { vcpus } = host.get(Kvm).createVm({ start: false });
  const [vcpu] = vcpus;
  if (vcpu === undefined) return t.fail('no CPU');
  let done = 0;
  const code = [{ ...nop(), shadow: true }, nop(TEXT + 1n), nop(TEXT + 2n)];
  vcpu.cpu.traps = {
    trap() {},
    takesInterrupts: () => done >= 2,
    run(cpu, budget) {
      cpu.beginRun();
      let used = 0;
      for (; used < budget && cpu.present; used++, done++) cpu.execute(code[Math.min(done, 2)] ?? nop());
      cpu.endRun(used);
      return { reason: 'budget', used };
    },
  };
  host.machine.spawn(program([{ pc: TEXT, length: 2, syscall: vcpu.run({ interruptWindow: true }) }]));
  host.machine.run();
  t.is(vcpu.exit?.reason, 'irq window');
  t.is(done, 2);
  host.dispose();
});

test('two virtual machines on one CPU: each sees its own hits, and no other', (t) => {
  using p = pair({ host: { tick: 20_000 } });
  const vm = p.kvm.createVm({ name: 'second' });
  using second = composeKernel({ arch: x86(), hardware: vm.hardware });
  const hits: string[] = [];
  const watch = (name: string, { machine, breakpoints }: Kernel, count: number): void => {
    breakpoints.registerUser(writes(), () => void hits.push(name), machine.spawn(stores(count)));
  };
  watch('first', p.guest, 100);
  watch('second', second, 70);
  p.host.machine.run();
  t.is(hits.filter((name) => name === 'first').length, 100);
  t.is(hits.filter((name) => name === 'second').length, 70);
  t.not(hits.indexOf('second'), 100, 'they took turns');
});

test('the run of a guest is the run of its host: budgets, stops and what it has nothing to do', (t) => {
  using p = pair();
  const task = p.guest.machine.spawn(nops(100));
  t.like(p.guest.machine.run(30), { reason: 'budget', instructions: 30 });
  t.is(task.instructions, 30);
  p.guest.machine.stop('enough');
  t.like(p.guest.machine.run(), { reason: 'stopped', message: 'enough' });
  t.like(p.guest.machine.run(), { reason: 'idle', instructions: 70 });
  p.guest.machine.spawn(
    program(function* () {
      yield nop();
      p.guest.machine.stop('from inside');
      yield nop();
    }),
  );
  t.like(p.host.machine.run(), { reason: 'stopped', message: 'vm0: from inside' });
});

test('however the run of the host is sliced, the guest does the same at the same times', (t) => {
  const run = (slice: number): string => {
    using p = pair({ host: { cpus: 2, tick: 30_000 }, vm: { cpus: 2 } });
    const log: string[] = [];
    const note = (what: string): void => void log.push(`${what} ${p.guest.machine.count} ${p.host.machine.count}`);
    for (let i = 0; i < 3; i++) {
      const task = p.guest.machine.spawn(stores(60, DATA + BigInt(8 * i)));
      p.guest.breakpoints.registerUser(writes(DATA + BigInt(8 * i)), () => note(`guest ${i}`), task);
    }
    const task = p.host.machine.spawn(stores(80));
    p.host.breakpoints.registerUser(writes(), () => note('host'), task);
    while (p.host.machine.run(slice).reason === 'budget');
    return [...log, ...p.vm.vcpus.map(({ stats }) => JSON.stringify(stats))].join('\n');
  };
  const whole = run(Number.POSITIVE_INFINITY);
  t.true(whole.length > 1000);
  for (const slice of [1, 2, 3, 7, 50, 101]) t.is(run(slice), whole, `slices of ${slice}`);
});

test('a virtual machine that is switched off takes its tasks along, and leaves the registers to its host', (t) => {
  using p = pair();
  const task = p.guest.machine.spawn(stores(1000));
  p.guest.breakpoints.registerUser(writes(), () => {}, task);
  p.host.machine.run(100);
  p.vm[Symbol.dispose]();
  t.is(p.kvm.vms.size, 0);
  t.false(p.vm.tasks.some(({ alive }) => alive));
  t.is(p.host.machine.cpu(0).unit.filter.ranges.length, 0);
  t.is(p.host.machine.run().reason, 'idle');
});

test('memory of the guest is shown to a process of the host, and answers are numbers of the right kind', (t) => {
  using p = pair({ vm: { exit: () => 7 as never } });
  // It is alive: pages of tasks that have ended are given back, as zeroes.
  p.guest.machine.spawn(program([store(DATA, 0x55n), ...Array.from({ length: 1000 }, () => store(DATA, 0x55n))]));
  p.host.machine.run(100);
  const { memory } = p.host.machine.spawn(nops(1), { run: false });
  p.vm.memory.mapInto(memory, 0x7000_0000n, 0, 1);
  t.is(memory.readInteger(0x7000_0000n, 8), 0x55n);
  for (const [address, first, count] of [[1n, 0, 1] as const, [0n, -1, 1] as const, [0n, 0, 1.5] as const]) {
    const wrong = () => p.vm.memory.mapInto(memory, address, first, count);
    t.throws(wrong, { instanceOf: TypeError, message: /^(address|first|count) is/ });
  }
  p.guest.machine.spawn(program([access('read', 0x70n)]));
  t.throws(() => p.host.machine.run(), { instanceOf: TypeError, message: /answer is a bigint/ });
});

for (const [what, end] of [
  ['ends', ({ machine }: Kernel, task: Task) => machine.exit(task)],
  ['is killed', ({ machine }, task) => machine.sendSignal(task, { si_signo: 'SIGKILL', si_code: SI_CODES.SI_USER })],
  ['executes another program', ({ machine }, task) => machine.exec(task, nops(5))],
] satisfies [string, (host: Kernel, task: Task) => void][]) {
  test(`a task that ${what} inside KVM_RUN leaves the virtual CPU to the next one that waits for it`, (t) => {
    using p = pair({ host: { tick: 5_000 }, vm: { start: false } });
    let hits = 0;
    const stored = p.guest.machine.spawn(stores(60));
    p.guest.breakpoints.registerUser(writes(), () => void hits++, stored);
    const [vcpu] = p.vm.vcpus;
    const run = () => p.host.machine.spawn(program([{ pc: TEXT, length: 2, syscall: vcpu?.run() ?? nops(0) }]));
    const [first, second] = [run(), run()];
    p.host.machine.run(40);
    t.deepEqual([first.state, second.state], ['running', 'waiting']);
    end(p.host, first);
    p.host.machine.run();
    t.is(hits, 60);
    t.true(vcpu?.asleep);
  });
}

test('a name is taken once, and options are checked', (t) => {
  using p = pair({ vm: { name: 'one' } });
  t.throws(() => p.kvm.createVm({ name: 'one' }), { message: /'one' already/ });
  t.throws(() => p.kvm.createVm({ cpus: 0 }), { instanceOf: TypeError, message: /cpus is a whole number from 1/ });
  t.throws(() => p.kvm.createVm({ memory: 5 } as never), { instanceOf: TypeError, message: /memory/ });
  const memories = [{ frames: 0 }, { fames: 3 }, { holes: [{ first: 'a', count: 1 }] }, { holes: [{ first: 0 }] }];
  for (const memory of memories) {
    t.throws(() => p.kvm.createVm({ memory } as never), { instanceOf: TypeError, message: /frames|first|count/ });
  }
  t.throws(() => p.kvm.createVm({ vcpus: 1 } as never), { instanceOf: TypeError, message: /vcpus/ });
  const [vcpu] = p.vm.vcpus;
  t.throws(() => vcpu?.run({ immediate: true } as never), { instanceOf: TypeError, message: /'immediate'/ });
  p.host.get(Kvm).stop();
  t.throws(() => p.kvm.createVm(), { message: /stopped/ });
});
