import { x86 } from '@hwbp/arch-x86';
import { composeKernel } from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { Kvm } from '@hwbp/kvm';
import test from 'ava';
import { Client, frame } from '../kgdb/client.js';
import { DATA, nops, stores, writes } from './support.js';

test("a guest that its own debugger stops does not stop its host, nor the host's other guests", (t) => {
  const host = composeKernel({ arch: x86(), strict: true, plugins: [Kvm], tick: 50_000 });
  const compose = (name: string) => {
    const { hardware } = host.get(Kvm).createVm({ name });
    return composeKernel({ arch: x86(), strict: true, plugins: [Kgdb], hardware });
  };
  const [stopped, other] = [compose('stopped'), compose('other')];
  const task = stopped.machine.spawn(stores(20));
  const client = new Client(stopped);
  const busy = other.machine.spawn(nops(500));
  let hits = 0;
  host.breakpoints.registerUser(writes(), () => void hits++, host.machine.spawn(stores(30), { comm: 'own' }));
  client.ok(`Z2,${DATA.toString(16)},8`);
  t.is(client.raw(frame('c')), '');
  const result = host.machine.run();
  t.not(result.reason, 'stopped', result.message);
  t.regex(client.take(), /watch/);
  t.is(task.instructions, 1);
  t.false(busy.alive, 'the other guest has come to its end');
  t.is(hits, 30);
  client.ok(`z2,${DATA.toString(16)},8`);
  t.is(client.raw(frame('c')), '');
  host.machine.run();
  t.false(task.alive);
  host.dispose();
});
