import { perfEvents } from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { KgdbServer } from '@hwbp/kgdb/server';
import test from 'ava';
import { GDB, testWith } from '../../clients/need.js';
import { kernelWith } from '../client.js';
import { ARCHITECTURES } from './architectures.js';
import { Gdb } from './gdb.js';
import { SCENARIOS } from './scenarios.js';
import { StandIn } from './stand-in.js';

const SCHEDULERS = [
  ['direct', {}],
  ['events', { breakpointScheduler: perfEvents() }],
] as const;

for (const { name: arch, gdb: told, create } of ARCHITECTURES) {
  for (const { name, executes, prepare, run } of SCENARIOS) {
    if (executes === true && !create().backend.manifest.access.includes('x')) continue;

    for (const [how, scheduler] of SCHEDULERS) {
      test(`${arch}, in process, ${how}: ${name}`, async (t) => {
        using kernel = kernelWith({ arch: create(), ...scheduler });
        prepare(kernel);
        await run(t, new StandIn(kernel, {}), kernel);
      });
    }

    testWith(GDB, `${arch}, a real gdb: ${name}`, async (t, executable) => {
      using kernel = kernelWith({ arch: create() });
      prepare(kernel);
      const server = await KgdbServer.listen(kernel.get(Kgdb), { port: 0 });
      const gdb = await Gdb.attach(executable, server.address.port, told);
      try {
        await run(t, gdb, kernel);
      } finally {
        await gdb.close();
        await server.close();
      }
    });
  }
}
