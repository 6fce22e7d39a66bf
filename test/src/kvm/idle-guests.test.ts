import { SI_CODES } from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import test from 'ava';
import { Client } from '../kgdb/client.js';
import { nops, pair } from './support.js';

/*
 * A guest's CPU that has an alarm which nobody can take: its kernel has switched it off, or a debugger of that kernel's
 * has it. Its host goes on to its end, and the alarm comes when it can.
 */

test('a CPU that the guest has switched off lets its host come to its end, and its alarms come when it is back', (t) => {
  using p = pair({ host: { cpus: 2 }, vm: { cpus: 2 }, guest: { tick: 5000 } });
  const { machine } = p.guest;
  machine.spawn(nops(20), { affinity: [0] });
  machine.spawn(nops(20), { affinity: [1] });
  p.host.machine.run(30);
  machine.setOnline(0, false);
  p.host.machine.spawn(nops(100));
  t.is(p.host.machine.run(100_000).reason, 'idle');
  const ticks: number[] = [];
  machine.hooks.tick.add(({ index }) => void ticks.push(index));
  machine.setOnline(0, true);
  machine.spawn(nops(20), { affinity: [0] });
  t.is(p.host.machine.run(100_000).reason, 'idle');
  t.true(ticks.includes(0));
});

test('a guest that its own debugger has stopped lets its host come to its end, and goes on with it', (t) => {
  using p = pair({ guest: { plugins: [Kgdb], tick: 5000 } });
  p.guest.machine.spawn(nops(50));
  p.host.machine.run(20);
  const client = new Client(p.guest);
  const { count } = p.guest.machine;
  p.host.machine.spawn(nops(100));
  t.is(p.host.machine.run(100_000).reason, 'idle');
  t.is(p.guest.machine.count, count);
  client.session.close();
  t.is(p.host.machine.run(100_000).reason, 'idle');
  t.is(p.guest.machine.count, 50);
});

test('signals reach a task that waits for the virtual CPU, whoever has that', (t) => {
  using p = pair();
  const [task] = p.vm.tasks;
  if (task === undefined) return t.fail('no task');
  p.host.machine.run();
  p.vm.debugger.attach({ name: 'me', stopped() {} });
  for (const si_signo of ['SIGSTOP', 'SIGCONT'] as const) {
    p.host.machine.sendSignal(task, { si_signo, si_code: SI_CODES.SI_USER });
    p.host.machine.run();
  }
  // It has called KVM_RUN again, and waits for the debugger.
  t.is(task.state, 'waiting');
  p.host.machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: SI_CODES.SI_USER });
  p.host.machine.run();
  t.false(task.alive);
});

test('SIGCONT calls off a SIGSTOP that a virtual CPU has not taken yet', (t) => {
  using p = pair();
  p.guest.machine.spawn(nops(50));
  p.host.machine.run(20);
  const [task] = p.vm.tasks;
  if (task === undefined) return t.fail('no task');
  for (const si_signo of ['SIGSTOP', 'SIGCONT', 'SIGSTOP', 'SIGCONT'] as const) {
    p.host.machine.sendSignal(task, { si_signo, si_code: SI_CODES.SI_USER });
  }
  p.host.machine.run();
  t.is(p.guest.machine.count, 50);
  t.is(task.state, 'waiting');
});
